r"""The notes' `Solver`: minibatches, an update rule for each parameter, accuracies on the way."""

import numpy as np

from lib.notes import rules
from lib.ranges import at_least_one, positive, whole

__all__ = ["Solver"]

_DATA = ("X_train", "y_train", "X_val", "y_val")


class Solver:
    r"""Train a model by minibatch descent, and keep the parameters of the best validation accuracy.

    $$ w \leftarrow \text{rule}\Bigl(w,\ \nabla\tfrac1B\textstyle\sum_{n \in \text{batch}} f_n(w)\Bigr) $$

    `model`: has `params`, a dict of arrays, and `loss(X, y=None)` as `FullyConnectedNet` does; `data`: a
    dict with X_train (N, d1, ...), y_train (N,), X_val, y_val. `update_rule`: "sgd", "sgd_momentum",
    "rmsprop", "adam", or a function `(w, dw, config) -> (next_w, config)`; `optim_config` its keys, of
    which every parameter gets its own copy; `lr_decay` > 0 multiplies the learning rate after every
    epoch. `num_train_samples`, `num_val_samples`: how many examples accuracies are measured on, None
    for all. `log_acc_iteration=True` keeps the steps taken at each of these measurements in
    `log_acc_iteration_history`, for plots over iterations. `verbose=False` prints nothing, else a line
    every `print_every` steps and one for each measurement. `checkpoint_name`: where `train` writes
    `<name>_epoch_<k>.npz`, or None. ValueError or TypeError for anything else.

    After `train`: `loss_history` (one entry a step, of the minibatch), `train_acc_history` and
    `val_acc_history` (after the first step and after every epoch), `best_params`, `best_val_acc`.

    Batches and samples follow `np.random.seed`, drawn as CS231n draws them: WITH replacement, so an
    "epoch" of N/B steps misses about a third of the examples and sees others twice. Comparing rules at
    one learning rate each, or batch sizes at a fixed number of steps, as the notes do, compares learning
    rates and amounts of data as well. A loss that turns NaN does not stop the run, as in the notes;
    `lib.loop.descend` stops there.

    >>> np.random.seed(0)
    >>> X, y = np.eye(4), np.arange(4)
    >>> data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    >>> from lib.notes.nets import TwoLayerNet
    >>> solver = Solver(TwoLayerNet(4, 20, 4, weight_scale=0.1), data, optim_config={"learning_rate": 1.0},
    ...                 batch_size=4, num_epochs=60, verbose=False)
    >>> solver.train()
    >>> len(solver.loss_history), float(solver.check_accuracy(X, y))
    (60, 1.0)
    >>> import io
    >>> file = io.BytesIO()
    >>> solver.record_histories_as_npz(file)
    >>> _ = file.seek(0)
    >>> np.load(file)["train_losses"].shape
    (60,)
    """

    def __init__(
        self,
        model,
        data,
        *,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        num_epochs=10,
        batch_size=100,
        print_every=10,
        verbose=True,
        num_train_samples=1000,
        num_val_samples=None,
        log_acc_iteration=False,
        checkpoint_name=None,
    ):
        self.model = model
        self.X_train, self.y_train, self.X_val, self.y_val = _data(data)
        self.update_rule = _rule(update_rule)
        positive("lr_decay", lr_decay)
        whole("num_epochs", num_epochs)
        at_least_one("batch_size", batch_size)
        at_least_one("print_every", print_every)
        for name, samples in (("num_train_samples", num_train_samples), ("num_val_samples", num_val_samples)):
            if samples is not None:
                at_least_one(name, samples)
        self.lr_decay, self.num_epochs, self.batch_size = lr_decay, int(num_epochs), int(batch_size)
        self.print_every, self.verbose = print_every, verbose
        self.num_train_samples, self.num_val_samples = num_train_samples, num_val_samples
        self.log_acc_iteration, self.checkpoint_name = log_acc_iteration, checkpoint_name
        self.optim_config = optim_config or {}
        self.optim_configs = {name: dict(self.optim_config) for name in model.params}
        self.epoch, self.best_val_acc, self.best_params = 0, -1.0, {}
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.log_acc_iteration_history = []

    def train(self):
        """Take `num_epochs` times N // batch_size steps (at least one an epoch), then set `model.params` to the best.

        The best are those of the highest validation accuracy, the first ones of equals. CS231n's ends with
        no parameters at all where validation accuracy never left zero; here the first measurement counts.
        """
        per_epoch = max(len(self.X_train) // self.batch_size, 1)
        steps = self.num_epochs * per_epoch
        for t in range(1, steps + 1):
            self._step()
            if self.verbose and (t - 1) % self.print_every == 0:
                print(f"(Iteration {t} / {steps}) loss: {self.loss_history[-1]:f}")
            if t % per_epoch == 0:
                self.epoch += 1
                for config in self.optim_configs.values():
                    if "learning_rate" in config:  # a rule of one's own may have none
                        config["learning_rate"] *= self.lr_decay
            if t == 1 or t % per_epoch == 0:
                self._measure()
        if self.best_params:
            self.model.params = self.best_params

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Share of examples whose largest score is that of their class, in [0, 1].

        `X` (N, d1, ...), `y` (N,); of more than `num_samples` examples as many are drawn, with
        replacement; `batch_size` examples go through the model at a time.
        """
        if num_samples is not None and len(X) > num_samples:
            drawn = np.random.choice(len(X), int(num_samples))
            X, y = X[drawn], y[drawn]
        parts = [self.model.loss(X[i : i + batch_size]) for i in range(0, len(X), batch_size)]
        return np.mean(np.argmax(np.concatenate(parts), axis=1) == y)

    def record_histories_as_npz(self, filename):
        """Write `train_losses`, `train_accs` and `val_accs`, the three histories, to an `.npz` file."""
        np.savez(
            filename,
            train_losses=self.loss_history,
            train_accs=self.train_acc_history,
            val_accs=self.val_acc_history,
        )

    def _step(self):
        batch = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[batch], self.y_train[batch])
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            config = self.optim_configs[name]
            self.model.params[name], self.optim_configs[name] = self.update_rule(w, grads[name], config)

    def _measure(self):
        train = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
        val = self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)
        self.train_acc_history.append(train)
        self.val_acc_history.append(val)
        if self.log_acc_iteration:
            self.log_acc_iteration_history.append(len(self.loss_history))
        if val > self.best_val_acc:
            self.best_val_acc = val
            self.best_params = {name: np.copy(w) for name, w in self.model.params.items()}
        if self.checkpoint_name is not None:
            self._save()
        if self.verbose:
            print(f"(Epoch {self.epoch} / {self.num_epochs}) train acc: {train:f}; val_acc: {val:f}")

    def _save(self):
        """Parameters, what the rule remembers, histories: arrays only, where CS231n pickles the model."""
        arrays = {f"params/{name}": w for name, w in self.model.params.items()}
        for name, config in self.optim_configs.items():
            arrays |= {f"optim_configs/{name}/{key}": value for key, value in config.items()}
        histories = ("loss_history", "train_acc_history", "val_acc_history", "log_acc_iteration_history")
        arrays |= {name: getattr(self, name) for name in (*histories, "epoch")}
        np.savez(f"{self.checkpoint_name}_epoch_{self.epoch}.npz", **arrays)


def _data(data):
    missing = [name for name in _DATA if name not in data]
    if missing:
        raise ValueError(f"data lacks {', '.join(missing)}; it needs {', '.join(_DATA)}")
    arrays = [np.asarray(data[name]) for name in _DATA]
    for X, y, which in ((*arrays[:2], "train"), (*arrays[2:], "val")):
        if len(X) == 0 or y.shape != X.shape[:1]:
            raise ValueError(
                f"X_{which} has shape {X.shape}, y_{which} {y.shape}; allowed are (N, d1, ...) and (N,), N >= 1"
            )
    return arrays


def _rule(update_rule):
    if callable(update_rule):
        return update_rule
    if update_rule not in rules.__all__:
        raise ValueError(
            f"update_rule is {update_rule!r}; allowed are {', '.join(rules.__all__)} and functions"
        )
    return getattr(rules, update_rule)
