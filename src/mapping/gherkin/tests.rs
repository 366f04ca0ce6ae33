use super::{Feature, is_outline, read};

fn scenario(text: &str) -> Option<String> {
    read(text).map(|found| found.scenario)
}

fn found(text: &str) -> Feature {
    read(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn prose_is_no_gherkin() {
    for text in [
        "Given a page",
        "Then wait\nThen look",
        "Given a page\nOpen it\nThen look",
        "And so on\nThen look",
        "Givenness of a page\nThen look",
        "Given a text\n\"\"\"\nThen it never ends",
        "Given a page\nТогда смотрим",
        "Feature: Basket\nAs a customer I want to fill it",
        "Example: how it looks\n| a |",
        "@mention look at this",
        "",
    ] {
        assert_eq!(scenario(text), None, "{text}");
    }
}

#[test]
fn headings_go_and_tables_doc_strings_and_comments_stay() {
    let steps = "Given users\n  | name |\n# note\nWhen I write\n\"\"\"\nfree text\n\"\"\"\n* wait\nThen fine";
    assert_eq!(scenario(&format!("Scenario: Users\n\n{steps}")).as_deref(), Some(steps));
}

#[test]
fn a_whole_feature_gives_its_background_tags_and_first_scenario() {
    let text = "# language: en\n@checkout @smoke\nFeature: Basket\n  Customers fill it.\n\n  Background:\n    Given a customer\n  \
                @slow\n  Scenario Outline: Add articles\n    She likes them.\n    When she adds <count> articles\n    Then there \
                are <count>\n    @some\n    Examples: Few\n      | count |\n      | 1     |\n\n  Rule: Empty\n  Scenario: \
                Nothing\n    Then it is empty";
    let feature = found(text);
    assert_eq!(feature.tags, ["checkout", "smoke", "slow"]);
    assert_eq!((feature.is_whole, feature.scenarios), (true, 2));
    assert_eq!(feature.background, "Given a customer");
    assert_eq!(
        feature.scenario,
        "When she adds <count> articles\nThen there are <count>\n@some\nExamples: Few\n  | count |\n  | 1     |"
    );
    assert!(is_outline(&feature.scenario));
}

#[test]
fn letters_of_any_case_are_understood_and_written_as_cucumber_knows_them() {
    let text = "FEATURE: Page\nscenario: Opens\ngiven a page\nWHEN it opens\n\tand loads\nThen it is shown";
    let feature = found(text);
    assert_eq!(
        feature.scenario,
        "Given a page\nWhen it opens\n\tAnd loads\nThen it is shown"
    );
    assert!(is_outline("When <a>\nEXAMPLES:\n|a|"));
}

#[test]
fn a_scenario_is_known_in_the_language_that_it_is_written_in() {
    for (heading, steps, examples) in [
        (
            "Сценарий",
            "Дано страница\nКогда она открыта\nИ загружена\nТогда всё видно",
            "Примеры",
        ),
        (
            "Сценарій",
            "Припустимо сторінка\nЯкщо вона відкрита\nТоді все видно",
            "Приклади",
        ),
        (
            "Szenario",
            "Angenommen eine Seite\nWenn sie lädt\nDann sieht man sie",
            "Beispiele",
        ),
        (
            "Scénario",
            "Étant donné une page\nLorsqu'on l'ouvre\nAlors on la voit",
            "Exemples",
        ),
        (
            "Escenario",
            "Dado una página\nCuando se abre\nY carga\nEntonces se ve",
            "Ejemplos",
        ),
        ("Scenario", "Data una pagina\nQuando si apre\nAllora si vede", "Esempi"),
        (
            "Scenariusz",
            "Zakładając stronę\nGdy się otwiera\nWtedy ją widać",
            "Przykłady",
        ),
        ("シナリオ", "前提ページがある\nもし開く\nならば表示される", "例"),
        ("场景", "假如有一个页面\n当打开它\n那么它会显示", "例子"),
        ("시나리오", "조건 페이지\n만일 열면\n그러면 보인다", "예"),
    ] {
        let found = found(&format!("{heading}: Page\n{steps}"));
        assert_eq!((found.scenario.as_str(), found.examples()), (steps, examples));
        assert!(!is_outline(steps) && is_outline(&format!("{steps}\n  {examples}:\n  | a |")));
        assert_eq!(scenario(steps).as_deref(), Some(steps), "without its heading");
    }
}

#[test]
fn a_language_line_decides_where_several_languages_share_their_words() {
    let text = "# language: pt\nFuncionalidade: Página\nCenário: Abre\nDado uma página\nQuando abre\nEntão aparece";
    assert_eq!(found(text).examples(), "Exemplos");
}
