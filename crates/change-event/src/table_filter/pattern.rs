//! What a name of a rule matches.

use regex_lite::{Regex, RegexBuilder};

/// A pattern for one name.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Everything,
    /// A regular expression; `in_lower_case`: for the name in lower case. (The expressions themselves know no other case
    /// than that of ASCII letters.)
    Regex {
        regex: Regex,
        in_lower_case: bool,
    },
}

impl Pattern {
    pub(super) fn everything() -> Self {
        Self::Everything
    }

    /// This name and no other.
    pub(super) fn exact(name: &str, case_sensitive: bool) -> Self {
        let name = if case_sensitive { name.to_owned() } else { name.to_lowercase() };
        let regex = Regex::new(&format!("^{}$", regex_lite::escape(&name)));
        let regex = regex.expect("an escaped name is an expression");
        Self::Regex { regex, in_lower_case: !case_sensitive }
    }

    /// A regular expression that is found somewhere in the name. Without regard to case means that of ASCII letters.
    pub(super) fn regex(expression: &str, case_sensitive: bool) -> Result<Self, String> {
        let built = RegexBuilder::new(expression).case_insensitive(!case_sensitive).build();
        built
            .map(|regex| Self::Regex { regex, in_lower_case: false })
            .map_err(|error| format!("{expression:?} is no regular expression: {error}"))
    }

    /// `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before what is meant as it is.
    pub(super) fn wildcards(text: &str, case_sensitive: bool) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Everything);
        }
        let text = if case_sensitive { text.to_owned() } else { text.to_lowercase() };
        let mut expression = String::from("^");
        let mut chars = text.chars();
        while let Some(next) = chars.next() {
            match next {
                '*' => expression.push_str("(?s:.*)"),
                '?' => expression.push_str("(?s:.)"),
                '[' => {
                    let class: String = chars.by_ref().take_while(|next| *next != ']').collect();
                    let (not, class) = match class.strip_prefix('!') {
                        Some(class) => ("^", class),
                        None => ("", class.as_str()),
                    };
                    let escaped = class.replace('\\', "\\\\").replace('[', "\\[").replace('^', "\\^");
                    expression.push_str(&format!("[{not}{escaped}]"));
                }
                '\\' => expression.extend(chars.next().map(|plain| regex_lite::escape(&plain.to_string()))),
                plain => expression.push_str(&regex_lite::escape(&plain.to_string())),
            }
        }
        expression.push('$');
        let built = Regex::new(&expression);
        built
            .map(|regex| Self::Regex { regex, in_lower_case: !case_sensitive })
            .map_err(|error| format!("{text:?} is no pattern: {error}"))
    }

    pub(super) fn matches_everything(&self) -> bool {
        matches!(self, Self::Everything)
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Regex { regex, in_lower_case: true } => regex.is_match(&name.to_lowercase()),
            Self::Regex { regex, in_lower_case: false } => regex.is_match(name),
        }
    }
}
