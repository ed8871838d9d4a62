"""What is noted of a session reaches all who follow it, and is kept for nobody else."""

from concurrent.futures import ThreadPoolExecutor

from algomancy_api.framework.session.changes import Changes, Noted


def test_each_follower_gets_all_from_its_begin_to_its_end() -> None:
    changes = Changes()
    changes.scenario("before")
    first = changes.follow()
    changes.scenario("a")
    second = changes.follow()
    changes.dataset("b")
    changes.leave(first)
    changes.run("c")
    assert list(first) == [Noted("scenario", "a"), Noted("dataset", "b")]
    assert list(second) == [Noted("dataset", "b"), Noted("run", "c")]
    assert changes.is_followed
    changes.leave(second)
    assert not changes.is_followed


def test_nothing_is_lost_that_threads_note() -> None:
    changes = Changes()
    feed = changes.follow()

    def note(number: int) -> None:
        other = changes.follow()
        changes.scenario(str(number))
        changes.leave(other)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(note, range(2_000)))
    assert sorted(int(noted.name) for noted in feed) == list(range(2_000))


def test_how_often_a_dataset_was_noted_is_counted_without_a_follower() -> None:
    changes = Changes()
    changes.dataset("a")
    changes.dataset("a")
    assert (changes.of_datasets["a"], changes.of_datasets["b"]) == (2, 0)
