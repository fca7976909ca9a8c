"""What rounding one-hot entries reports as accuracy, against the accuracy."""

from lib import plots

CLAIM = "Rounding counts the zeros: a net that knows nothing reads 0.9 with ten classes."
DEFAULTS = {"accuracy": 0.1, "sure": 0.0, "classes": 10}


def entries(accuracy, sure, classes):
    """Right zeros, right ones, missed ones and false ones of an average example, which has C entries."""
    hit, wrong = sure * accuracy, sure * (1 - accuracy)
    return [classes - 1 - wrong, hit, 1 - hit, wrong]


def rounded(accuracy, sure, classes):
    """Share of right entries, if a share `sure` has a probability above 1/2 and A is the same there."""
    return 1 - (1 + sure * (1 - 2 * accuracy)) / classes


def still(accuracy, sure, classes):
    """The reported share over the accuracy, from nobody sure to all sure."""
    at = [0.0, 1.0]
    low, now, high = ([rounded(a, share, classes) for a in at] for share in (0.0, sure, 1.0))
    fig, ax = plots.figure(height=3.4)
    ax.fill_between(at, low, high, color=plots.BLUE, alpha=0.2, label="from nobody sure to all sure")
    ax.plot(at, now, color=plots.BLUE, ls="-", label="by rounding")
    ax.plot(at, at, color=plots.GREY, ls="--", label="accuracy")
    ax.plot([accuracy], [rounded(accuracy, sure, classes)], "o", color=plots.BLUE, ls="none")
    ax.set(xlabel="accuracy", ylabel="what is reported", ylim=(0, 1.02))
    ax.legend()
    return plots.show(
        fig,
        alt=f"With {classes} classes, an accuracy of {accuracy:g} and a share of {sure:g} of sure predictions, "
        f"rounding reports {rounded(accuracy, sure, classes):.3g}.",
        caption=CLAIM,
    )
