use super::*;
use crate::parameters::read;
use proptest::prelude::*;

fn written(value: &Value<'_>, shape: &Shape, form: Form) -> Vec<u8> {
    let mut to = BytesMut::new();
    put(&mut to, value, shape, form);
    let length = i32::from_be_bytes(to[..4].try_into().expect("four bytes"));
    assert_eq!(usize::try_from(length).ok(), Some(to.len() - 4));
    to[4..].to_vec()
}

fn shown(value: &Value<'_>) -> String {
    text(value)
}

#[test]
fn values_are_shown_as_postgresql_shows_them() {
    // What PostgreSQL 15 answers to `select ...::text`.
    for (value, text) in [
        (Value::Flag(true), "t"),
        (Value::Number(-7), "-7"),
        (Value::Real(0.1), "0.1"),
        (Value::Double(1.5), "1.5"),
        (Value::Double(f64::NEG_INFINITY), "-Infinity"),
        (Value::Real(f32::NAN), "NaN"),
        (Value::Time(0), "1970-01-01 00:00:00+00"),
        (
            Value::Time(1_795_334_400_120_000),
            "2026-11-22 08:00:00.12+00",
        ),
        (Value::Moment(-1), "1969-12-31 23:59:59.999999"),
        (Value::Day(11_016), "2000-02-29"),
        (Value::Day(-719_163), "0001-12-31 BC"),
        (Value::Day(2_932_897), "10000-01-01"),
        (Value::Bytes(b"\x00\xff"), "\\x00ff"),
    ] {
        assert_eq!(shown(&value), text);
    }
    let texts = ["", "a b", "null", "a\"b\\c", "{", "plain", "ä"];
    let mut list: Vec<_> = texts.into_iter().map(Value::Text).collect();
    list.push(Value::None);
    assert_eq!(
        shown(&Value::List(list)),
        r#"{"","a b","null","a\"b\\c","{",plain,ä,NULL}"#
    );
    assert_eq!(shown(&Value::List(Vec::new())), "{}");
}

#[test]
fn a_list_is_written_as_array_send_does() {
    let list = Value::List(vec![Value::Number(5), Value::None]);
    let shape = Shape::List(Box::new(Shape::Number));
    let bytes = written(&list, &shape, Form::Binary);
    let numbers = [1_i32, 1, 20, 2, 1, 8, 0, 5, -1]
        .map(i32::to_be_bytes)
        .concat();
    assert_eq!(bytes, numbers);
    let none = written(&Value::List(Vec::new()), &shape, Form::Binary);
    assert_eq!(none, [0_i32, 0, 20].map(i32::to_be_bytes).concat());
}

fn values() -> impl Strategy<Value = (Value<'static>, Shape)> {
    // As far as dates are read: to the year 9999.
    let micros = -62_135_596_800_000_000_i64..253_402_300_800_000_000;
    let text = any::<String>().prop_map(|it| &*Box::leak(it.into_boxed_str()));
    prop_oneof![
        any::<bool>().prop_map(|it| (Value::Flag(it), Shape::Flag)),
        any::<i64>().prop_map(|it| (Value::Number(it), Shape::Number)),
        any::<f32>().prop_map(|it| (Value::Real(it), Shape::Real)),
        any::<f64>().prop_map(|it| (Value::Double(it), Shape::Double)),
        text.prop_map(|it| (Value::Text(it), Shape::Text)),
        micros.clone().prop_map(|it| (Value::Time(it), Shape::Time)),
        micros.prop_map(|it| (Value::Moment(it), Shape::Moment)),
        (-719_162_i32..2_932_896).prop_map(|it| (Value::Day(it), Shape::Day)),
    ]
}

proptest! {
    /// What is written in either form is read as the same value.
    #[test]
    fn what_is_written_is_read((value, shape) in values()) {
        for form in [Form::Text, Form::Binary] {
            let bytes = written(&value, &shape, form);
            let read = read(&bytes, shape.oid(), &shape, form);
            prop_assert_eq!(read.expect("it can be read"), value.clone(), "{:?}", form);
        }
    }
}
