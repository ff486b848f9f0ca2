"""The benchmark behind the command."""

from tests.cli.command import hoichan


def test_the_suite_answers_for_itself() -> None:
    shown = hoichan("bench", "--help")
    assert shown.returncode == 0
    assert "--profile" in shown.stdout


def test_a_profile_that_does_not_exist_is_refused_before_anything_is_built() -> None:
    refused = hoichan("bench", "--profile", "endless")
    assert refused.returncode == 2
    assert "quick or full" in refused.stderr
