//! Gherkin in steps: which language a scenario is written in, and what of it is its body.
//!
//! Keywords are those of Cucumber's list of languages (gherkin-languages.json) that stand before a space. Xray has one
//! language for all scenarios, set by its administrator, and adds it to exported features.

/// Words of one language.
struct Language {
    scenario: &'static [&'static str],
    examples: &'static [&'static str],
    given: &'static [&'static str],
    when: &'static [&'static str],
    then: &'static [&'static str],
    more: &'static [&'static str],
}

const LANGUAGES: [Language; 9] = [
    Language {
        scenario: &["Scenario", "Scenario Outline", "Scenario Template", "Example"],
        examples: &["Examples", "Scenarios"],
        given: &["Given"],
        when: &["When"],
        then: &["Then"],
        more: &["And", "But"],
    },
    Language {
        scenario: &["Szenario", "Szenariogrundriss", "Szenarien", "Beispiel"],
        examples: &["Beispiele"],
        given: &["Angenommen", "Gegeben sei", "Gegeben seien"],
        when: &["Wenn"],
        then: &["Dann"],
        more: &["Und", "Aber"],
    },
    Language {
        scenario: &["Escenario", "Esquema del escenario", "Ejemplo"],
        examples: &["Ejemplos"],
        given: &["Dado", "Dada", "Dados", "Dadas"],
        when: &["Cuando"],
        then: &["Entonces"],
        more: &["Y", "E", "Pero"],
    },
    Language {
        scenario: &["Scénario", "Plan du scénario", "Plan du Scénario", "Exemple"],
        examples: &["Exemples"],
        given: &[
            "Soit",
            "Sachant que",
            "Étant donné",
            "Étant donnée",
            "Étant donnés",
            "Étant données",
            "Etant donné",
        ],
        when: &["Quand", "Lorsque", "Lorsqu'"],
        then: &["Alors", "Donc"],
        more: &["Et", "Et que", "Mais"],
    },
    Language {
        scenario: &["Scenario", "Schema dello scenario", "Esempio"],
        examples: &["Esempi"],
        given: &["Dato", "Data", "Dati", "Date"],
        when: &["Quando"],
        then: &["Allora"],
        more: &["E", "Ma"],
    },
    Language {
        scenario: &["Scenariusz", "Szablon scenariusza", "Przykład"],
        examples: &["Przykłady"],
        given: &["Zakładając", "Mając"],
        when: &["Jeżeli", "Jeśli", "Gdy", "Kiedy"],
        then: &["Wtedy"],
        more: &["Oraz", "I", "Ale"],
    },
    Language {
        scenario: &[
            "Cenário",
            "Cenario",
            "Esquema do Cenário",
            "Esquema do Cenario",
            "Exemplo",
        ],
        examples: &["Exemplos", "Cenários", "Cenarios"],
        given: &["Dado", "Dada", "Dados", "Dadas"],
        when: &["Quando"],
        then: &["Então", "Entao"],
        more: &["E", "Mas"],
    },
    Language {
        scenario: &["Сценарий", "Структура сценария", "Шаблон сценария", "Пример"],
        examples: &["Примеры"],
        given: &["Допустим", "Дано", "Пусть"],
        when: &["Когда", "Если"],
        then: &["Тогда", "То", "Затем"],
        more: &["И", "Также", "К тому же", "Но", "А", "Иначе"],
    },
    Language {
        scenario: &["Сценарій", "Структура сценарію", "Приклад"],
        examples: &["Приклади"],
        given: &["Припустимо", "Нехай", "Дано"],
        when: &["Якщо", "Коли"],
        then: &["Тоді", "То"],
        more: &["І", "А також", "Та", "Але"],
    },
];

/// A scenario without its heading.
#[derive(Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its lines.
    pub body: String,
    /// What stands above the rows of its examples.
    pub examples: &'static str,
}

/// The scenario that a text is: in one language it begins with Given or When, has a Then, and is nothing but steps with
/// their tables and doc strings. Prose that happens to begin a sentence with one of the words does not get so far.
pub fn scenario(text: &str) -> Option<Scenario> {
    LANGUAGES.iter().find_map(|language| {
        let body = language.body(text)?;
        let examples = language.examples.first()?;
        Some(Scenario { body, examples })
    })
}

/// True where a scenario has examples.
pub fn is_outline(scenario: &str) -> bool {
    let mut words = LANGUAGES.iter().flat_map(|language| language.examples);
    words.any(|word| scenario.lines().any(|line| is_heading(line.trim(), word)))
}

fn is_heading(line: &str, word: &str) -> bool {
    line.strip_prefix(word).is_some_and(|rest| rest.starts_with(':'))
}

impl Language {
    fn body(&self, text: &str) -> Option<String> {
        let begins = |line: &str, words: &[&str]| {
            let with = |word: &&str| {
                let rest = line.strip_prefix(*word);
                rest.is_some_and(|rest| rest.starts_with(char::is_whitespace) || word.ends_with('\''))
            };
            words.iter().any(with)
        };
        let heads = |line: &str, words: &[&str]| words.iter().any(|word| is_heading(line, word));
        let head = |line: &&str| line.trim().is_empty() || heads(line.trim(), self.scenario);
        let (mut opened, mut then, mut quoted, mut kept) = (false, false, false, Vec::new());
        for line in text.trim().lines().skip_while(head) {
            let bare = line.trim();
            let fence = bare.starts_with("\"\"\"") || bare.starts_with("```");
            let opens = begins(bare, self.given) || begins(bare, self.when);
            let is_then = begins(bare, self.then);
            let step = opens || is_then || begins(bare, self.more) || begins(bare, &["*"]);
            let other = bare.starts_with(['|', '#']) || heads(bare, self.examples);
            let fits = quoted || fence || step || other || bare.is_empty();
            if !fits || kept.is_empty() && !opens {
                return None;
            }
            opened = true;
            then |= !quoted && is_then;
            quoted ^= fence;
            kept.push(line.trim_end());
        }
        (opened && then && !quoted).then(|| kept.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::{is_outline, scenario};

    fn body(text: &str) -> Option<String> {
        scenario(text).map(|found| found.body)
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
            "",
        ] {
            assert_eq!(body(text), None, "{text}");
        }
    }

    #[test]
    fn headings_go_and_tables_doc_strings_and_comments_stay() {
        let steps = "Given users\n  | name |\n# note\nWhen I write\n\"\"\"\nfree text\n\"\"\"\n* wait\nThen fine";
        assert_eq!(body(&format!("Scenario: Users\n\n{steps}")).as_deref(), Some(steps));
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
            ("Cenário", "Dado uma página\nQuando abre\nEntão aparece", "Exemplos"),
            ("Scenario", "Data una pagina\nQuando si apre\nAllora si vede", "Esempi"),
            (
                "Scenariusz",
                "Zakładając stronę\nGdy się otwiera\nWtedy ją widać",
                "Przykłady",
            ),
        ] {
            let found = scenario(&format!("{heading}: Page\n{steps}")).unwrap();
            assert_eq!((found.body.as_str(), found.examples), (steps, examples));
            assert!(!is_outline(steps) && is_outline(&format!("{steps}\n  {examples}:\n  | a |")));
        }
    }
}
