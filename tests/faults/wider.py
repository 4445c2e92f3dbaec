"""Faults that no single inquiry shows: what must hold, and the test that holds it."""

from typing import NamedTuple


class Wider(NamedTuple):
    """One fault over several calls or processes.

    Attributes:
        number: Its number in the fault list.
        fault: What happens, in words.
        holds: What must come of it.
        tests: Where that is tested, as `path::name`.
    """

    number: str
    fault: str
    holds: str
    tests: tuple[str, ...]


_LIMITS = "tests/faults/test_limits.py::"
_CLIENT = "tests/faults/test_client.py::"
_SERVING = "tests/api/test_serving.py::"
_BUDGET = "tests/store/test_spending.py::"

WIDER = (
    Wider(
        "F34",
        "200 clients close their socket while the model thinks",
        "200 requests to the model are cancelled; what they may have cost stays charged, nothing else",
        (
            _SERVING + "test_a_client_that_leaves_stops_the_model_call",
            _CLIENT + "test_a_cancelled_judgement_closes_its_connection",
        ),
    ),
    Wider(
        "F35",
        "the process is killed between charge and settlement",
        "the most that the call can cost stays charged; nothing is stuck",
        (_BUDGET + "test_a_process_that_is_killed_leaves_the_most_charged_and_nothing_stuck",),
    ),
    Wider(
        "F36",
        "SIGTERM with requests under way",
        "they are answered within the grace, the rest are cut, exit 0",
        (
            _SERVING + "test_what_is_under_way_is_finished_before_the_end",
            _SERVING + "test_a_signal_ends_the_process_in_order",
        ),
    ),
    Wider(
        "F37",
        "more calls than places",
        "they queue; who waits too long is told `overloaded`, not `timeout`",
        (
            _CLIENT + "test_a_full_house_is_told_apart_from_a_slow_model",
            _CLIENT + "test_no_more_calls_are_in_flight_than_allowed_and_connections_are_kept",
        ),
    ),
    Wider(
        "F38",
        "200 calls at once with a budget for 10",
        "10 requests, in one process and in two on one database; the rest are told `over-budget`",
        (
            _LIMITS + "test_money_for_ten_is_ten_requests_out_of_two_hundred",
            _BUDGET + "test_two_processes_with_money_for_ten_make_ten_calls",
        ),
    ),
    Wider(
        "F39",
        "five failures in a row",
        "no request for 15 s, then exactly one; a cancelled one does not count",
        (
            _LIMITS + "test_five_failures_in_a_row_end_all_requests_for_a_while",
            _LIMITS + "test_after_the_rest_one_request_finds_out_and_the_others_follow",
            _LIMITS + "test_a_cancelled_probe_does_not_keep_the_endpoint_shut",
        ),
    ),
    Wider(
        "F40",
        "the provider is slow, or fails, for everyone",
        "at most 1.1 requests a call",
        (
            _LIMITS + "test_a_slow_provider_is_not_asked_more_than_a_tenth_again",
            _LIMITS + "test_a_storm_is_not_answered_with_more_requests",
        ),
    ),
    Wider(
        "F41",
        "the provider goes down in the middle of a batch",
        "what was scored is kept, few requests more, exit 3",
        ("tests/cli/test_batches_with_a_model.py::test_a_provider_that_goes_down_costs_few_requests_and_no_score",),
    ),
    Wider(
        "F42",
        "the clock jumps by an hour",
        "nothing: waits, deadlines, rates and rests go by the monotonic clock",
        (_LIMITS + "test_a_clock_that_jumps_by_an_hour_changes_nothing",),
    ),
    Wider(
        "F43",
        "the database goes away before, or during, a call",
        "before: no request; during: the answer is kept, and the most it can cost stays charged",
        (
            _BUDGET + "test_without_a_database_nothing_is_asked",
            _BUDGET + "test_a_database_that_goes_away_during_a_call_does_not_take_the_answer_with_it",
        ),
    ),
    Wider(
        "F45",
        "HTTP_PROXY is set",
        "not used, unless COACH_TRUST_ENV says so",
        ("tests/faults/test_network.py::test_proxies_of_the_environment_are_not_used",),
    ),
)
