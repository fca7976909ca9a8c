"""The notes' Solver by hand, and the experiments of the notes in small."""

import os

import numpy as np
import pytest

from lib.notes import FullyConnectedNet, Solver, TwoLayerNet, sgd


def blobs(n, seed=0, dim=3072, spread=1.0):
    """Ten clusters in `dim` dimensions, n examples to train on and 100 to validate: data as the notes have."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((10, dim))

    def draw(count):
        y = rng.integers(0, 10, count)
        return 40 * (0.3 * centres[y] + spread * rng.standard_normal((count, dim))), y

    return dict(zip(("X_train", "y_train", "X_val", "y_val"), (*draw(n), *draw(100)), strict=True))


class Mean:
    """A model with one number: half the mean squared distance to X; always says class `round(p)`."""

    def __init__(self, p=0.0):
        self.params = {"p": np.array([p])}

    def loss(self, X, y=None):
        p = self.params["p"]
        if y is None:
            return np.eye(3)[np.full(len(X), int(np.clip(np.round(p[0]), 0, 2)))]
        return 0.5 * np.mean((p - X) ** 2), {"p": np.mean(p - X, keepdims=True).ravel()}


LINE = {
    "X_train": np.arange(12.0).reshape(12, 1),
    "y_train": np.ones(12, int),
    "X_val": np.zeros((4, 1)),
    "y_val": np.array([1, 1, 1, 0]),
}


# ---- one step after another ---------------------------------------------------------------------


def test_a_run_is_batches_drawn_and_steps_taken_by_hand():
    np.random.seed(7)
    model = Mean()
    solver = Solver(
        model, LINE, optim_config={"learning_rate": 0.1}, num_epochs=3, batch_size=5, verbose=False
    )
    solver.train()
    np.random.seed(7)
    p, losses = 0.0, []
    for _ in range(6):  # 12 // 5 = 2 steps an epoch
        X = LINE["X_train"][np.random.choice(12, 5)]
        losses.append(0.5 * np.mean((p - X) ** 2))
        p -= 0.1 * np.mean(p - X)
    np.testing.assert_allclose(solver.loss_history, losses, rtol=1e-13)
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 4  # first step, three epochs


def test_lr_decay_acts_after_each_epoch_on_every_parameters_own_dict():
    rates = []

    def spy(w, dw, config):
        rates.append(config["learning_rate"])
        return sgd(w, dw, config)

    given = {"learning_rate": 0.1}
    model = TwoLayerNet(1, 3, 3)
    run = Solver(
        model,
        LINE,
        update_rule=spy,
        optim_config=given,
        lr_decay=0.5,
        num_epochs=3,
        batch_size=6,
        verbose=False,
    )
    run.train()
    assert rates == [0.1] * 8 + [0.05] * 8 + [0.025] * 8  # two steps of four parameters an epoch
    assert given == {"learning_rate": 0.1}


def test_the_best_parameters_are_kept_and_set_at_the_end():
    # the mean walks from 0 through 1 (three of four right) to 5.5, class 2
    model = Mean()
    solver = Solver(
        model, LINE, optim_config={"learning_rate": 0.1}, num_epochs=30, batch_size=12, verbose=False
    )
    solver.train()
    assert max(solver.val_acc_history) == solver.best_val_acc == 0.75
    assert solver.val_acc_history[-1] == 0
    assert model.params is solver.best_params
    assert round(model.params["p"][0]) == 1


def test_of_equal_accuracies_the_first_counts_and_no_step_may_reach_it():
    def in_place(w, dw, config):
        w -= 0.01 * dw
        return w, config

    model = Mean(0.6)
    states = []
    solver = Solver(model, LINE, update_rule=in_place, num_epochs=3, batch_size=12, verbose=False)
    solver.check_accuracy = lambda *args: states.append(model.params["p"][0]) or 0.75
    solver.train()
    assert len(set(states)) == 3
    assert model.params["p"][0] == states[0]


def test_parameters_stay_when_nothing_is_ever_right_or_nothing_is_done():
    data = LINE | {"y_val": np.zeros(4, int)}
    model = Mean(2.0)
    solver = Solver(model, data, num_epochs=1, verbose=False)
    solver.train()
    assert solver.best_val_acc == 0
    assert model.params is solver.best_params
    model = Mean(2.0)
    Solver(model, data, num_epochs=0, verbose=False).train()
    assert model.params["p"].tolist() == [2.0]


def test_accuracy_counts_all_examples_over_its_batches():
    data = blobs(250, dim=20)
    model = TwoLayerNet(20, 30, 10, weight_scale=0.1)
    solver = Solver(model, data, verbose=False)
    right = np.argmax(model.loss(data["X_train"]), axis=1) == data["y_train"]
    assert solver.check_accuracy(data["X_train"], data["y_train"]) == right.mean()
    assert solver.check_accuracy(data["X_train"], data["y_train"], batch_size=7) == right.mean()
    sampled = solver.check_accuracy(data["X_train"], data["y_train"], num_samples=40)
    assert sampled * 40 == pytest.approx(round(sampled * 40), abs=1e-9)


def test_what_is_printed(capsys):
    np.random.seed(0)
    Solver(Mean(), LINE, num_epochs=2, batch_size=4, print_every=4).train()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(")")[0] for line in lines] == [
        "(Iteration 1 / 6",
        "(Epoch 0 / 2",
        "(Epoch 1 / 2",
        "(Iteration 5 / 6",
        "(Epoch 2 / 2",
    ]
    assert lines[1] == "(Epoch 0 / 2) train acc: 0.000000; val_acc: 0.250000"
    Solver(Mean(), LINE, num_epochs=2, verbose=False).train()
    assert capsys.readouterr() == ("", "")


def test_histories_and_checkpoints_are_files_of_arrays(tmp_path):
    model = TwoLayerNet(1, 3, 3)
    name = os.fspath(tmp_path / "run")
    solver = Solver(
        model, LINE, update_rule="adam", num_epochs=2, batch_size=6, verbose=False, checkpoint_name=name
    )
    solver.train()
    solver.record_histories_as_npz(f"{name}_histories")
    with np.load(f"{name}_histories.npz") as file:
        np.testing.assert_array_equal(file["train_losses"], solver.loss_history)
        np.testing.assert_array_equal(file["train_accs"], solver.train_acc_history)
        np.testing.assert_array_equal(file["val_accs"], solver.val_acc_history)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "run_epoch_0.npz",
        "run_epoch_1.npz",
        "run_epoch_2.npz",
        "run_histories.npz",
    ]
    with np.load(f"{name}_epoch_2.npz") as file:
        assert file["epoch"] == 2
        assert file["params/W1"].shape == (1, 3)
        assert file["optim_configs/b2/t"] == 4
        np.testing.assert_array_equal(file["loss_history"], solver.loss_history)


def test_a_run_that_diverges_goes_on_to_its_end():
    data = blobs(40, dim=20)
    model = FullyConnectedNet([10], 20, 10, weight_scale=1.0, dtype=np.float64)
    solver = Solver(
        model, data, optim_config={"learning_rate": 1e200}, num_epochs=6, batch_size=20, verbose=False
    )
    with np.errstate(all="ignore"):
        solver.train()
    assert len(solver.loss_history) == 12
    assert not np.isfinite(solver.loss_history[-1])


REFUSED = [
    (
        {"update_rule": "adamw"},
        ValueError,
        "'adamw'; allowed are adam, rmsprop, sgd, sgd_momentum and functions",
    ),
    ({"lr_decay": 0}, ValueError, "lr_decay is 0"),
    ({"num_epochs": -1}, ValueError, "num_epochs is -1"),
    ({"batch_size": 0}, ValueError, "batch_size is 0"),
    ({"print_every": 0}, ValueError, "print_every is 0"),
    ({"num_val_samples": 0}, ValueError, "num_val_samples is 0"),
    ({"epochs": 3}, TypeError, "epochs"),
]


@pytest.mark.parametrize(("settings", "kind", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_wrong_setting_is_named(settings, kind, said):
    with pytest.raises(kind, match=said):
        Solver(Mean(), LINE, **settings)


def test_wrong_data_are_named():
    with pytest.raises(ValueError, match="data lacks X_val, y_val"):
        Solver(Mean(), {name: LINE[name] for name in ("X_train", "y_train")})
    with pytest.raises(ValueError, match=r"X_val has shape \(4, 1\), y_val \(3,\)"):
        Solver(Mean(), LINE | {"y_val": np.ones(3, int)})


def test_a_misspelt_learning_rate_is_not_a_default_one():
    with pytest.raises(ValueError, match="did you mean 'learning_rate'"):
        Solver(TwoLayerNet(1, 3, 3), LINE, optim_config={"learning_rat": 1.0}, verbose=False).train()


# ---- the experiments of the notes, in small -----------------------------------------------------

EVERYTHING = {}
exec("from lib.notes import *", EVERYTHING)  # as the notes' code would begin


def notes_run(rule, rate, data, hidden=(100,) * 5, **settings):
    """Build a network and a Solver as the notes do, train, return the solver."""
    model = EVERYTHING["FullyConnectedNet"](list(hidden), weight_scale=5e-2)
    solver = EVERYTHING["Solver"](
        model, data, update_rule=rule, optim_config={"learning_rate": rate}, verbose=False, **settings
    )
    solver.train()
    return solver


def test_five_layers_learn_fifty_examples_by_heart():
    np.random.seed(0)
    data = blobs(50, spread=3.0)  # so wide that validation cannot follow
    model = FullyConnectedNet([100] * 4, weight_scale=1e-1, dtype=np.float64)
    settings = {"print_every": 10, "num_epochs": 20, "batch_size": 25, "verbose": False}
    solver = Solver(model, data, update_rule="sgd", optim_config={"learning_rate": 1e-3}, **settings)
    solver.train()
    assert len(solver.loss_history) == 40
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 21
    assert solver.train_acc_history[-1] == 1
    assert solver.val_acc_history[-1] < 0.6


def test_the_four_rules_at_the_notes_rates():
    data = blobs(400)
    rates = {"rmsprop": 1e-4, "adam": 1e-3, "sgd": 1e-2, "sgd_momentum": 1e-2}
    for rule, rate in rates.items():
        np.random.seed(0)
        solver = notes_run(rule, rate, data, num_epochs=5, batch_size=50)
        assert len(solver.loss_history) == 40
        assert len(solver.train_acc_history) == 6
        assert np.mean(solver.loss_history[-5:]) < 0.7 * solver.loss_history[0], rule


def test_effective_batch_size_over_three_seeds(tmp_path):
    data = blobs(300)
    batch = {"sgd_momentum": 50, "sgd": 150}
    solvers = {}
    for rule, size in batch.items():
        solvers[rule] = {}
        for seed in (100, 200, 300):
            np.random.seed(seed)
            epochs = 3 * size // 50  # the same number of steps for both
            made = notes_run(rule, 1e-2, data, num_epochs=epochs, batch_size=size, log_acc_iteration=True)
            made.record_histories_as_npz(tmp_path / f"{rule}_{seed}")
            solvers[rule][seed] = made
    for rule, by_seed in solvers.items():
        losses = np.array([s.loss_history for s in by_seed.values()])
        accuracies = np.array([s.train_acc_history for s in by_seed.values()])
        steps = by_seed[100].log_acc_iteration_history
        assert losses.shape == (3, 18)
        assert accuracies.shape == (3, len(steps))
        per_epoch = 300 // batch[rule]
        assert steps == [1, *range(per_epoch, 19, per_epoch)]
        assert len({tuple(row) for row in losses}) == 3  # seeds differ
    np.random.seed(100)
    again = notes_run("sgd", 1e-2, data, num_epochs=9, batch_size=150)
    assert again.loss_history == solvers["sgd"][100].loss_history
    assert again.log_acc_iteration_history == []
