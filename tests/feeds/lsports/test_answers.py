"""What LSports' API answers, in all the ways that it does."""

import pytest

from feeds.lsports.answers import Distribution, NotAnAnswer, complaint, distribution_in
from feeds.lsports.snapshots import Cut, cut, worth_storing


@pytest.mark.parametrize(
    "raw",
    [
        b'{"Header":{"HttpStatusCode":200},"Body":{"IsDistributionOn":true,"Consumers":["a","b"],'
        b'"NumberMessagesInQueue":17,"MessagesPerSecond":3.5}}',
        b'{"header":{},"body":{"isDistributionOn":true,"consumers":2,"numberMessagesInQueue":17}}',
        b'\xef\xbb\xbf {"IsDistributionOn":"True","Consumers":"2","NumberMessagesInQueue":"17"}',
        b"<Message><Body><IsDistributionOn>true</IsDistributionOn><Consumers>2</Consumers>"
        b"<NumberMessagesInQueue>17</NumberMessagesInQueue></Body></Message>",
        b'<R><Body IsDistributionOn="1" Consumers="2" NumberMessagesInQueue="17"/></R>',
    ],
)
def test_a_distribution_is_told_in_many_ways(raw: bytes) -> None:
    assert distribution_in(raw) == Distribution(True, 2, 17)


def test_what_is_not_told_of_a_distribution_is_nothing() -> None:
    assert distribution_in(b'{"IsDistributionOn":false}') == Distribution(False, None, None)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"<html>gateway", "It is neither JSON nor XML."),
        (b'{"Header":{"Errors":[{"Message":"Package 430 is unknown."}]},"Body":null}', "unknown."),
        (b"<!DOCTYPE a><a/>", "It declares a document type."),
        (b"[" * 100_000, "It is neither JSON nor XML."),
    ],
)
def test_what_tells_nothing_of_a_distribution_is_refused(raw: bytes, sentence: str) -> None:
    with pytest.raises(NotAnAnswer, match=sentence):
        distribution_in(raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"Message":"Too many requests."}', " It says: Too many requests."),
        (b'{"error":{"message":"wrong password"}}', " It says: wrong password."),
        (b'{"Message":"refus\xe9"}', ' It says: {"Message":"refus\ufffd"}.'),
        (b'<?xml version="1.0" encoding="shift_jis"?><Message>no</Message>', ""),
        (b"Unauthorized", " It says: Unauthorized."),
        (b"<html><body>502</body></html>", ""),
        (b"", ""),
    ],
)
def test_a_complaint_is_told_in_its_own_words(raw: bytes, said: str) -> None:
    assert complaint(raw) == said


def test_a_snapshot_is_cut_into_its_fixtures_word_by_word() -> None:
    answer = (
        b'{"Header":{"Type":3},"Body":[{"FixtureId":1,"Markets":[{"Id": 2,"Bets":[]}]},'
        b'{"fixtureId":"22","Markets":null},{"Competition":[{"Id":7}]}]}'
    )
    assert cut("GetFixtureMarkets", answer) == [
        Cut(
            "1",
            b'{"Header":{"Type":36,"Snapshot":"GetFixtureMarkets"},"Body":'
            b'[{"FixtureId":1,"Markets":[{"Id": 2,"Bets":[]}]}]}',
        ),
        Cut(
            "22",
            b'{"Header":{"Type":36,"Snapshot":"GetFixtureMarkets"},"Body":'
            b'[{"fixtureId":"22","Markets":null}]}',
        ),
        Cut(
            "",
            b'{"Header":{"Type":36,"Snapshot":"GetFixtureMarkets"},"Body":'
            b'[{"Competition":[{"Id":7}]}]}',
        ),
    ]


@pytest.mark.parametrize(
    ("body", "fixtures"),
    [
        (b'<Events><Event FixtureId="1"><M/></Event><Event FixtureId="2"/></Events>', ["1", "2"]),
        (
            b"<Events><FixtureId>1</FixtureId><M/></Events><Events><FixtureId>2</FixtureId></Events>",
            ["1", "2"],
        ),
    ],
)
def test_a_snapshot_in_xml_is_cut_too(body: bytes, fixtures: list[str]) -> None:
    found = cut("GetFixtureMarkets", b"<Message><Header/><Body>" + body + b"</Body></Message>")
    assert [one.fixture for one in found] == fixtures
    head = b"<Message><Header><Type>36</Type><Snapshot>GetFixtureMarkets</Snapshot></Header><Body>"
    assert all(one.raw.startswith(head + b"<Event") for one in found)
    assert all(one.raw.endswith(b"</Body></Message>") for one in found)


def test_a_snapshot_in_xml_may_have_a_body_for_each_fixture() -> None:
    answer = (
        b'<?xml version="1.0" encoding="utf-8"?>\n<Header><Type>3</Type></Header>'
        b"<Body><FixtureId>1</FixtureId><M/></Body><Body><FixtureId>2</FixtureId></Body>"
    )
    head = b"<Message><Header><Type>36</Type><Snapshot>GetFixtureMarkets</Snapshot></Header>"
    assert cut("GetFixtureMarkets", answer) == [
        Cut("1", head + b"<Body><FixtureId>1</FixtureId><M/></Body></Message>"),
        Cut("2", head + b"<Body><FixtureId>2</FixtureId></Body></Message>"),
    ]


def test_a_snapshot_without_fixtures_is_empty() -> None:
    assert cut("GetFixtureMarkets", b'{"Header":{},"Body":null}') == []
    assert cut("GetFixtureMarkets", b'{"Body":[]}') == []
    well = b'{"Header":{"HttpStatusCode":"OK","Status":"OK","Errors":null},"Body":null}'
    assert cut("GetFixtureMarkets", well) == []
    well = b"<Message><Header><HttpStatusCode>200</HttpStatusCode></Header><Body/></Message>"
    assert cut("GetFixtureMarkets", well) == []


@pytest.mark.parametrize(
    "raw",
    [
        b'{"Header":{"HttpStatusCode":403,"Errors":[{"Message":"no"}]},"Body":null}',
        b'{"Header":{"Errors":["no"]},"Body":null}',
        b'{"Message":"no"}',
        b'{"Message":"An error has occurred.","Body":null}',
        b'{"Errors":["no"],"Body":null}',
        b'{"StatusCode":500,"Body":[]}',
        b'{"Header":{"HttpStatusCode":"InternalServerError"},"Body":null}',
        b"<Message><Header><HttpStatusCode>500</HttpStatusCode></Header></Message>",
        b"<Header><HttpStatusCode>500</HttpStatusCode></Header><Body></Body>",
        b"<html><body><h1>Bad gateway</h1></body></html>",
        b"<html><head><title>502</title></head><body/></html>",
        b"<Message/>",
        b'{"Body":[{"FixtureId":1},',
        b'{"Body":"no"}',
        b"<Message><Body><Events>",
        b"<Message><Header><Error>no</Error></Header></Message>",
        b'{"Header":{},"Body":[{"FixtureId":1}],"Note":"\xe9"}',
        b"<!DOCTYPE a><a/>",
        b"no",
        b"",
    ],
)
def test_what_is_no_snapshot_is_refused_and_never_taken_for_an_empty_one(raw: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        cut("GetFixtureMarkets", raw)


def test_only_what_settles_or_is_bet_on_is_worth_storing() -> None:
    assert worth_storing(Cut("1", b'{"Settlement":2}'), set())
    assert worth_storing(Cut("1", b'<Bet settlement="2"/>'), set())
    assert worth_storing(Cut("1", b"{}"), {"1"})
    assert worth_storing(Cut("", b"{}"), set())
    assert not worth_storing(Cut("1", b"{}"), {"2"})
