use std::collections::BTreeSet;

use super::*;

#[test]
fn names_are_told_apart_and_every_published_value_is_of_a_number_that_is_measured() {
    for all in [ModelFigures::ALL, ProbeFigures::ALL, DictionaryFigures::ALL] {
        let names: BTreeSet<&str> = all.iter().map(|about| about.name).collect();
        assert_eq!(names.len(), all.len());
        let values = || all.iter().flat_map(|about| about.values);
        let names: BTreeSet<&str> = values().map(|value| value.name).collect();
        assert_eq!(names.len(), values().count());
        for about in all {
            assert!(about.published.iter().all(|published| about.values.contains(&published.of)));
        }
    }
}

#[test]
fn a_figures_name_is_that_of_its_entry_in_the_json() {
    let json = serde_json::to_value(DictionaryFigures {
        roc: Some(Vec::new()),
        k_sparse: Some(Vec::new()),
        ..DictionaryFigures::default()
    });
    let json = json.unwrap();
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(names, [KSparseProbes::ABOUT.name, RocCurves::ABOUT.name]);
}

#[test]
fn what_is_written_is_what_is_read() {
    let estimate = crate::metrics::Estimate { value: 0.1, low: 1.0 / 3.0, high: 0.5, n: 7 };
    let figures = DictionaryFigures {
        fvu: Some(FvuFigures { fvu: estimate, fvu_variance: estimate }),
        ..DictionaryFigures::default()
    };
    let json = serde_json::to_string(&figures).unwrap();
    assert_eq!(serde_json::from_str::<DictionaryFigures>(&json).unwrap(), figures);
    assert_eq!(figures.get(&FVU).unwrap().value, 0.1);
    assert!(figures.get(&L0).is_none());
}
