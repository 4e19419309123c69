//! Every spelling of every kind of parameter.

use crm_core::{CustomerId, Span};

use super::*;

fn reader(params: Params) -> Reader {
    Reader::new(params, Zone::default(), Instant::from_unix(1_700_000_000))
}

fn json(text: &str) -> Reader {
    reader(Params::from_json(text.as_bytes()).expect("the test's JSON is right"))
}

fn query(text: &str) -> Reader {
    reader(Params::from_query(text).expect("the test's query is right"))
}

fn wrong(reader: &mut Reader) -> Vec<String> {
    reader.take_problems().iter().map(|error| error.field.clone()).collect()
}

#[test]
fn all_spellings_of_an_array_are_the_same() {
    let expected = Patch::Value(vec![CustomerId(1), CustomerId(2), CustomerId(3)]);
    for body in
        [r#"{"a":[1,2,3]}"#, r#"{"a":"[1,2,3]"}"#, r#"{"a":"1,2,3"}"#, r#"{"a":["1","2",3]}"#, r#"{"a[]":[1,2,3]}"#]
    {
        assert_eq!(json(body).ids("a"), expected, "{body}");
    }
    for text in ["a=1&a=2&a=3", "a[]=1&a[]=2&a[]=3", "a=1,2,3", "a=[1,2,3]", "a=%5B1%2C2%2C3%5D", "a=1, 2, 3"] {
        assert_eq!(query(text).ids("a"), expected, "{text}");
    }
    assert_eq!(json(r#"{"a":1}"#).ids("a"), Patch::Value(vec![CustomerId(1)]));
    assert_eq!(json(r#"{"a":[]}"#).ids::<CustomerId>("a"), Patch::Value(vec![]));
    assert_eq!(json(r#"{"a":null}"#).ids::<CustomerId>("a"), Patch::Null);
    assert_eq!(query("a=").ids::<CustomerId>("a"), Patch::Absent);
}

#[test]
fn one_bare_id_is_told_from_an_array_of_one() {
    for one in [json(r#"{"a":7}"#), json(r#"{"a":"7"}"#), query("a=7")] {
        let mut reader = one;
        assert_eq!(reader.one_or_several("a"), Some(OneOrSeveral::One(CustomerId(7))));
        assert!(wrong(&mut reader).is_empty());
    }
    for several in [
        json(r#"{"a":[7]}"#),
        json(r#"{"a":"[7]"}"#),
        query("a=[7]"),
        query("a[]=7"),
        query("a%5B%5D=7"),
        json(r#"{"a[]":7}"#),
    ] {
        let mut reader = several;
        assert_eq!(reader.one_or_several("a"), Some(OneOrSeveral::Several(vec![CustomerId(7)])));
    }
    let both = Some(OneOrSeveral::Several(vec![CustomerId(7), CustomerId(8)]));
    for several in [json(r#"{"a":"7,8"}"#), query("a=7&a=8"), query("a=7,8")] {
        let mut reader = several;
        assert_eq!(reader.one_or_several("a"), both);
    }
    for bad in [json("{}"), json(r#"{"a":[]}"#), json(r#"{"a":null}"#), json(r#"{"a":"x"}"#), json(r#"{"a":[7,7]}"#)] {
        let mut reader = bad;
        assert_eq!(reader.one_or_several::<CustomerId>("a").filter(|_| false), None);
        assert_eq!(wrong(&mut reader), ["a"]);
    }
}

#[test]
fn what_is_no_array_of_ids_names_the_field() {
    for body in [
        r#"{"a":[1,"x"]}"#,
        r#"{"a":[-1]}"#,
        r#"{"a":[0]}"#,
        r#"{"a":[1.5]}"#,
        r#"{"a":[1,1]}"#,
        r#"{"a":[[1]]}"#,
        r#"{"a":{"b":1}}"#,
        r#"{"a":true}"#,
        r#"{"a":"[1,2"}"#,
        r#"{"a":"1,,2"}"#,
        r#"{"a":[99999999999999999999]}"#,
        r#"{"a":[null]}"#,
    ] {
        let mut reader = json(body);
        assert_eq!(reader.ids::<CustomerId>("a"), Patch::Absent, "{body}");
        assert_eq!(wrong(&mut reader), ["a"], "{body}");
    }
    let long = format!("a={}", (1..=1001).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    let mut reader = query(&long);
    let _ = reader.ids::<CustomerId>("a");
    assert_eq!(wrong(&mut reader), ["a"]);
}

#[test]
fn numbers_are_read_as_text_and_never_rounded() {
    let mut reader = json(r#"{"m":123456789012345.67,"n":0.1,"big":9007199254740993}"#);
    assert_eq!(reader.money("m"), Patch::Value("123456789012345.67".parse().expect("money")));
    assert_eq!(reader.money("n"), Patch::Value("0.10".parse().expect("money")));
    assert_eq!(reader.int("big"), Patch::Value(9_007_199_254_740_993));
    assert!(wrong(&mut reader).is_empty());
}

#[test]
fn every_bad_field_is_noted() {
    let mut reader =
        json(r#"{"a":"x","b":1.5,"c":true,"d":[1],"e":"2021-02-30","f":1e3,"g":12345678901234567890,"h":" 1"}"#);
    for name in ["a", "b", "c", "d", "f", "g", "h"] {
        assert_eq!(reader.int(name), Patch::Absent, "{name}");
    }
    let _ = reader.instant("e");
    assert_eq!(wrong(&mut reader), ["a", "b", "c", "d", "f", "g", "h", "e"]);
}

#[test]
fn a_single_value_sent_twice_is_an_error() {
    for mut reader in [query("a=1&a=1"), json(r#"{"a":1,"a":1}"#)] {
        let _ = reader.int("a");
        assert_eq!(wrong(&mut reader), ["a"]);
    }
}

#[test]
fn empty_is_absent_in_a_query_and_clears_in_a_body() {
    assert_eq!(query("a=").text("a"), Patch::Absent);
    assert_eq!(json(r#"{"a":""}"#).text("a"), Patch::Null);
    assert_eq!(json(r#"{"a":null}"#).text("a"), Patch::Null);
    assert_eq!(json("{}").text("a"), Patch::Absent);
}

#[test]
fn text_is_text() {
    let mut reader = json(r#"{"a":1,"b":"1","c":1}"#);
    assert_eq!(reader.text("a"), Patch::Absent);
    assert_eq!(reader.text("b"), Patch::Value("1".to_owned()));
    assert_eq!(reader.text_or_number("c"), Patch::Value("1".to_owned()));
    assert_eq!(wrong(&mut reader), ["a"]);
}

#[test]
fn what_is_no_json_object_is_malformed() {
    for body in ["{", "[1]", "1", "null", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}", "{\"a\":1}x", "\u{0}"] {
        assert!(Params::from_json(body.as_bytes()).is_err(), "{body:?}");
    }
    assert!(Params::from_json(b"{\"a\":\"\xff\"}").is_err());
    assert!(Params::from_form(b"a=%ff").is_err());
    let deep = "[".repeat(100_000);
    assert!(Params::from_json(format!("{{\"a\":{deep}").as_bytes()).is_err());
}

#[test]
fn days_are_whole_and_one_date_is_one_day() {
    let range = |text: &str| {
        let mut reader = query(text);
        let range = reader.days("a").and_then(|range| range.start.zip(range.end));
        (range.map(|(start, end)| (start.unix(), end.unix() + 1 - start.unix())), wrong(&mut reader))
    };
    let start = 1_546_272_000; // 2019-01-01 in Shanghai
    let day = 86_400;
    for text in ["a[]=2019-01-01&a[]=2019-02-01", "a=2019-01-01&a=2019-02-01", "a%5B%5D=2019-01-01&a%5b%5d=2019-02-01"]
    {
        assert_eq!(range(text), (Some((start, 32 * day)), vec![]), "{text}");
    }
    assert_eq!(range("a=2019-01-01"), (Some((start, day)), vec![]));
    assert_eq!(range("b=1&a="), (None, vec![]));
    for text in [
        "a=2019-01-02&a=2019-01-01",
        "a=2019-01-01&a=2019-01-01&a=2019-01-01",
        "a=2019-02-30",
        "a=2019-01-01 10:00:00",
        "a=2019-1-1",
        "a=x",
    ] {
        assert_eq!(range(text), (None, vec!["a".to_owned()]), "{text}");
    }
}

#[test]
fn a_range_is_inclusive_to_the_end_of_the_day() {
    let mut reader = query("start_time=2021-01-02&end_time=2021-01-02");
    let range = reader.range(Span::Week, false);
    let length = range.end.zip(range.start).map(|(end, start)| end.unix() - start.unix());
    assert_eq!(length, Some(86_399));
    let mut reader = query("start_time=2021-01-03&end_time=2021-01-02");
    let _ = reader.range(Span::Week, false);
    assert_eq!(wrong(&mut reader), ["start_time"]);
}

/// Reads one of each, on a way that depends on what was sent.
fn handler(call: &Call<'_>, input: &mut Reader) -> crate::http::Outcome {
    let id = input.required_id::<CustomerId>("id");
    let _: Option<String> = input.search("name");
    if input.choice("event", &[("added", 1), ("lost", 2)]).is_some() {
        input.range(Span::Week, false);
    }
    if input.has("phone") {
        input.required_text("phone");
    }
    let _ = input.objects("labels", |label| label.text("color"));
    input.page();
    let _id = input.finish_with(id)?;
    call.services()?;
    panic!("a handler that is described reached what is behind it");
}

#[test]
fn a_described_handler_shows_all_it_reads_and_does_nothing() {
    let read = Reader::describe(handler);
    let find = |name: &str| read.iter().find(|one| one.name == name).expect("it is read");
    let names: Vec<&str> = read.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["id", "name", "event", "labels", "page", "count", "start_time", "end_time", "phone"]);
    assert!(find("id").is_required && !find("name").is_required);
    assert!(!find("phone").is_required, "it is only where it is sent");
    assert_eq!(find("id").kind, Kind::Id);
    assert_eq!(find("name").kind, Kind::Text(Some(SEARCH_MAX)));
    assert_eq!(find("event").kind, Kind::Word(vec!["added".to_owned(), "lost".to_owned()]));
    assert_eq!(find("count").kind, Kind::Integer(1, 1000));
    assert_eq!(find("end_time").kind, Kind::Moment);
    let color = Parameter { name: "color".to_owned(), kind: Kind::Text(None), is_required: false };
    assert_eq!(find("labels").kind, Kind::Objects(vec![color]));
}
