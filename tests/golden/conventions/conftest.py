"""The script and the runners need PyTorch, Keras or JAX: pytest leaves them alone."""

collect_ignore_glob = ["*.py"]
