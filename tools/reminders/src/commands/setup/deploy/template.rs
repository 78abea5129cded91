//! The template, as far as it is read here: which archives its functions are made of, and which parameters it has. By lines, for
//! it is ours: what CloudFormation makes of it, only CloudFormation knows.

const CODE_URI: &str = "CodeUri: ";
const BINARY: &str = "Binary: ";

/// The same template, with what `place` says for each archive. An archive is named by its file; where the template says `.`,
/// which is for `sam build`, by the function's binary.
pub(super) fn rewritten(template: &str, mut place: impl FnMut(&str) -> String) -> String {
    let mut binary = "";
    let mut text = String::with_capacity(template.len());
    for line in template.lines() {
        let (bare, indent) = (line.trim_start(), line.len() - line.trim_start().len());
        if let Some(name) = bare.strip_prefix(BINARY) {
            binary = name.trim();
        }
        match bare.strip_prefix(CODE_URI).map(str::trim) {
            Some(archive) => {
                let archive = if archive == "." { binary } else { archive };
                text.push_str(&" ".repeat(indent));
                text.push_str(CODE_URI);
                text.push_str(&place(archive));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

pub(super) fn archives(template: &str) -> Vec<String> {
    let mut archives = Vec::new();
    rewritten(template, |archive| {
        archives.push(archive.to_owned());
        String::new()
    });
    archives
}

/// Names of the section `Parameters`.
pub(super) fn parameters(template: &str) -> Vec<String> {
    let section = template.lines().skip_while(|line| *line != "Parameters:").skip(1);
    let section = section.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let names = section.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names.filter(|name| !name.starts_with([' ', '#'])).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = include_str!("../../../../../../template.yaml");

    #[test]
    fn archives_are_named_by_file_or_binary_and_put_elsewhere() {
        let template =
            "      BuildProperties:\n        Binary: one\n      CodeUri: .\n      CodeUri: two-arm64.zip\n";
        assert_eq!(archives(template), ["one", "two-arm64.zip"]);
        let elsewhere = rewritten(template, |archive| format!("s3://there/{archive}"));
        assert!(
            elsewhere.ends_with("      CodeUri: s3://there/one\n      CodeUri: s3://there/two-arm64.zip\n")
        );
    }

    #[test]
    fn our_template_has_four_functions_and_its_parameters() {
        assert_eq!(archives(OURS), ["wechat-callback", "reminder-api", "reminder-dispatch", "operations"]);
        assert_eq!(rewritten(OURS, |_| ".".to_owned()), OURS);
        let parameters = parameters(OURS);
        assert_eq!(parameters.first().map(String::as_str), Some("SecretsParameter"));
        assert_eq!(parameters.last().map(String::as_str), Some("AlarmEmail"));
        assert!(
            parameters.len() > 15 && parameters.iter().all(|name| name.chars().all(char::is_alphanumeric))
        );
    }
}
