//! Texts of all sorts: nothing panics, nothing grows without bound, nothing is half applied.

use proptest::{collection, prelude::*, sample};

use super::*;

/// Words that mean something in frames, so that random frames go further than their first field.
const WORDS: [&str; 24] = [
    "type",
    "snapshot",
    "delta",
    "heartbeat",
    "op",
    "ops",
    "add",
    "remove",
    "change",
    "move",
    "meta",
    "list",
    "pending",
    "building",
    "recent",
    "id",
    "set",
    "before",
    "item",
    "from",
    "to",
    "k3v9q2",
    "counts",
    "dev-lang/rust-1.84.1",
];

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![sample::select(&WORDS[..]).prop_map(str::to_owned), ".{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            collection::btree_map(word.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Puts `value` somewhere into `frame`; `path` chooses where.
fn planted(frame: &mut Value, path: &[sample::Index], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *frame = value;
        return;
    };
    match frame {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(first.index(fields.len())).unwrap().clone();
            planted(&mut fields[&key], rest, value);
        }
        Value::Array(values) if !values.is_empty() => {
            let idx = first.index(values.len());
            planted(&mut values[idx], rest, value);
        }
        _ => *frame = value,
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in ".{0,64}") {
        // Whatever it is, it is answered.
        let _ = filled().receive(&text);
        let _ = filled().receive_document(&text, None);
    }

    #[test]
    fn any_json_is_survived(value in any_json()) {
        let _ = filled().receive(&value.to_string());
        let _ = filled().receive_document(&value.to_string(), None);
    }

    #[test]
    fn a_damaged_frame_is_applied_or_refused_but_never_half_applied(
        which in 0..3_usize,
        path in collection::vec(any::<sample::Index>(), 1..5),
        value in any_json(),
    ) {
        let mut frame = [snapshot_frame(), delta_frame(), heartbeat(4711, "4c7ece55")][which].clone();
        planted(&mut frame, &path, value);
        let mut mirror = filled();
        let before = mirror.queue();
        match mirror.receive(&frame.to_string()) {
            Ok(Heard::Snapshot | Heard::Delta) => {
                let hash = u32::from_str_radix(frame["hash"].as_str().unwrap(), 16).unwrap();
                prop_assert_eq!(mirror.rows.hash(), hash);
            }
            Ok(_) => prop_assert_eq!(mirror.queue(), before),
            Err(_) => {
                prop_assert_eq!(mirror.queue(), before);
                prop_assert_eq!(mirror.resume(), None);
            }
        }
    }
}

#[test]
fn a_server_that_only_adds_is_cut_off() {
    let mut mirror = filled();
    let mut n_added = 0;
    let refusal = loop {
        let ops: Vec<Value> = (0..500)
            .map(|idx| json!({"op": "add", "list": "recent", "before": null, "item": {"id": format!("{n_added}-{idx}")}}))
            .collect();
        let Resume { since, .. } = mirror.resume().unwrap();
        let counts = mirror.field("counts").as_object().unwrap();
        let hash = mirror.rows.after(&ops, counts).map_or(0, |rows| rows.hash());
        let mut frame = with(with(delta_frame(), "base", since), "seq", since + 1);
        frame["hash"] = format!("{hash:08x}").into();
        frame["ops"] = ops.into();
        match mirror.receive(&frame.to_string()) {
            Ok(_) => n_added += 500,
            Err(refusal) => break refusal,
        }
        assert!(n_added < 10_000);
    };
    assert!(matches!(refusal, MirrorError::Operation { problem: OperationError::TooLarge, .. }), "{refusal}");
}

#[test]
fn fields_that_grow_are_cut_off() {
    for ops in [
        json!([{"op": "meta", "set": {"note": "x".repeat(100_000)}}]),
        json!([{"op": "meta", "set": {"note": "x".repeat(40_000)}}, {"op": "meta", "set": {"more": "x".repeat(40_000)}}]),
    ] {
        refused(&with(delta_frame(), "ops", ops), MirrorError::TooLarge);
    }
    refused(&with(delta_frame(), "counts", json!({"x": "x".repeat(100_000)})), MirrorError::TooLarge);
    let mut crowd = snapshot_frame();
    crowd["queue"]["recent"] = (0..5_001).map(|id| json!({"id": id.to_string()})).collect();
    refused(&crowd, MirrorError::Malformed("recent"));
    let sources: Map<String, Value> = (0..33).map(|idx| (idx.to_string(), "online".into())).collect();
    refused(&with(heartbeat(4711, "4c7ece55"), "sources", sources), MirrorError::Malformed("sources"));
    refused(&with(heartbeat(4711, "4c7ece55"), "build", "x".repeat(65)), MirrorError::Malformed("build"));
}
