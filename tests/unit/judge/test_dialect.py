import pytest

from app.judge.dialect import AnswerSchema, Dialect, Form, Options

SCHEMA = AnswerSchema("a", {"bounded": True}, {"bounded": False})
ALL = Options(temperature=0.0, seed=0)


def test_zero_is_a_value_and_nothing_is_none():
    assert {"temperature", "seed"} <= set(Dialect().parameters(SCHEMA, ALL, 10))
    assert not {"temperature", "seed"} & set(Dialect().parameters(SCHEMA, Options(None, None), 10))


@pytest.mark.parametrize("name", ["temperature", "seed"])
def test_only_the_refused_parameter_goes(name: str):
    left = Dialect().without(name, Dialect()).parameters(SCHEMA, ALL, 10)

    assert set(Dialect().parameters(SCHEMA, ALL, 10)) - set(left) == {name}


def test_a_dialect_gets_poorer_until_nothing_can_be_refused():
    dialect = Dialect()
    steps = 0
    while sent := Dialect.parameters(dialect, SCHEMA, ALL, 10):
        poorer = dialect.without(next(iter(sent)), dialect)
        assert poorer != dialect
        dialect = poorer
        steps += 1

    assert dialect == Dialect(Form.TEXT, None, temperature=False, seed=False)
    assert steps == 7


def test_what_another_call_has_learned_is_not_unlearned_nor_learned_twice():
    used = Dialect()
    learned = used.without("response_format", used)

    assert learned.without("response_format", used) == learned
    assert learned.without("max_completion_tokens", used).without("max_completion_tokens", used).cap == "max_tokens"
