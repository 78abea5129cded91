//! SHA256SUMS of a release, as `sha256sum` writes and checks it: a digest, two characters, a name.

use super::digest::digest;

pub(super) const FILE: &str = "SHA256SUMS";

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    NotListed(String),
    Differs(String),
}

/// Whether a file is the one that the sums were made of.
pub(super) fn check(sums: &str, name: &str, bytes: &[u8]) -> Result<(), Unsound> {
    let listed = sums.lines().find_map(|line| {
        let (digest, file) = line.split_once([' '])?;
        let file = file.trim_start_matches([' ', '*']);
        (file.trim_start_matches("./") == name).then_some(digest)
    });
    match listed {
        None => Err(Unsound::NotListed(name.to_owned())),
        Some(listed) if listed.eq_ignore_ascii_case(&digest(bytes)) => Ok(()),
        Some(_) => Err(Unsound::Differs(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_the_sums_say() {
        let sums = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.zip\n\
                    BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD *./b.zip\n\
                    0000000000000000000000000000000000000000000000000000000000000000  c.zip\n";
        for (name, found) in [
            ("a.zip", Ok(())),
            ("b.zip", Ok(())),
            ("c.zip", Err(Unsound::Differs("c.zip".to_owned()))),
            ("d.zip", Err(Unsound::NotListed("d.zip".to_owned()))),
            ("zip", Err(Unsound::NotListed("zip".to_owned()))),
        ] {
            assert_eq!(check(sums, name, b"abc"), found, "{name}");
        }
    }
}
