//! AWS's shared files: `[section]`, and `key = value` below it.

use std::collections::BTreeMap;

/// The settings of one section.
pub(super) type Section = BTreeMap<String, String>;

/// The sections of a file, by what stands between their brackets. Of keys and sections that come twice the later counts.
///
/// Lines that begin with a space belong to a setting with settings of its own (`s3 =`), of which none is wanted here.
pub(super) fn sections(text: &str) -> BTreeMap<String, Section> {
    let mut found = BTreeMap::<String, Section>::new();
    let mut current = None;
    for line in text.lines() {
        let is_nested = line.starts_with([' ', '\t']);
        let line = without_comment(line).trim();
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            found.entry(name.clone()).or_default();
            current = Some(name);
        } else if let (Some((key, value)), Some(section), false) = (line.split_once('='), &current, is_nested)
        {
            let section = found.entry(section.clone()).or_default();
            section.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

/// A comment is a whole line, or what follows a space: a secret may have a `#` in it.
fn without_comment(line: &str) -> &str {
    if line.starts_with(['#', ';']) {
        return "";
    }
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| line.find(mark)).min();
    end.map_or(line, |end| &line[..end])
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn settings_stand_in_their_sections() {
        let found = sections(
            "stray = 1\n# a comment\n[default]\nregion=eu-north-1 # near\naws_secret_access_key = a#b=c/+;d\n\
             s3 =\n  endpoint_url = nested\n[ profile   work ]\nRole_Arn = x\n; another\n[default]\nregion = eu-west-1\n",
        );
        assert_eq!(found.keys().collect::<Vec<_>>(), ["default", "profile work"]);
        let default = &found["default"];
        assert_eq!(default["region"], "eu-west-1");
        assert_eq!(default["aws_secret_access_key"], "a#b=c/+;d");
        assert!(!default.contains_key("endpoint_url") && default["s3"].is_empty());
        assert_eq!(found["profile work"]["role_arn"], "x");
    }
}
