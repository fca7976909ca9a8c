"""The generators need PyTorch and JAX, the tests do not: pytest leaves the generators alone."""

collect_ignore = ["make_torch.py", "make_optax.py", "make_net.py", "make_schedules.py"]
