//! Files that use each other in a circle, within one crate.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Crate;
use super::uses::{Edges, edges};

/// Each circle with the uses that close it.
pub(super) fn in_crate(krate: &Crate) -> Vec<String> {
    let edges = edges(krate);
    let described = |circle: BTreeSet<&str>| {
        let within = |from: &str, to: &str| circle.contains(from) && circle.contains(to);
        let uses = edges.iter().filter(|((from, to), _)| within(from, to));
        let uses = uses.map(|((_, to), place)| format!("    {place} is of {to}\n"));
        format!("{} files in a circle:\n{}", circle.len(), uses.collect::<String>())
    };
    circles(&edges).into_iter().map(described).collect()
}

/// Sets of files each of which reaches all the others.
fn circles(edges: &Edges) -> Vec<BTreeSet<&str>> {
    let files: BTreeSet<&str> = edges.keys().map(|(from, _)| from.as_str()).collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        files.iter().map(|file| (*file, reached(edges, file))).collect();
    let leads_to = |from: &str, to: &str| reached.get(from).is_some_and(|found| found.contains(to));
    // Each circle is found from every file of it.
    let mut circles: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    for (file, others) in reached.iter().filter(|(file, _)| leads_to(file, file)) {
        circles.insert(others.iter().copied().filter(|other| leads_to(other, file)).collect());
    }
    circles.into_iter().collect()
}

/// The start itself only if a circle leads back to it.
fn reached<'a>(edges: &'a Edges, start: &'a str) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        let next = edges.keys().filter(|(from, _)| from == at).map(|(_, to)| to.as_str());
        waiting.extend(next.filter(|to| found.insert(to)));
    }
    found
}

mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        in_crate(&Crate::of(files))
    }

    const ROOT: (&str, &str) = ("lib.rs", "mod a; mod b;");

    #[test]
    fn a_circle_is_found_however_its_paths_are_written() {
        for (to_b, place) in [
            ("use crate::b::B;", "`crate::b::B`"),
            ("use super::b;\nfn f(_: b::B) {}", "`b::B`"),
            ("use super::b::*;", "`super::b::*`"),
            ("fn f() { use crate::b::{self, B}; }", "`crate::b::B`"),
            ("fn f(_: &[Option<crate::b::B>]) {}", "`crate::b::B`"),
            ("fn f() { match 1 { super::b::LIMIT => {} } }", "`super::b::LIMIT`"),
            ("fn f() { x.y(|| crate::b::new()); }", "`crate::b::new`"),
            ("fn f() { assert!(x.is(crate::b::new(1).ok), \"{}\", 1); }", "`crate::b::new`"),
            ("#[derive(S)] struct C { #[s(with = \"crate::b::seconds\")] at: u8 }", "`crate::b::seconds`"),
            ("mod inside { use crate::b::B; }", "`crate::b::B`"),
        ] {
            let a = format!("pub struct A;\n{to_b}");
            let circles = found(&[ROOT, ("a.rs", &a), ("b.rs", "use super::a::A; pub struct B;")]);
            assert_eq!(circles.len(), 1, "{to_b}");
            assert!(circles[0].starts_with("2 files in a circle:\n    a.rs:"), "{to_b}: {}", circles[0]);
            assert!(circles[0].contains(&format!("{place} is of b.rs")), "{to_b}: {}", circles[0]);
            assert!(circles[0].contains("b.rs:1 `super::a::A` is of a.rs"), "{to_b}: {}", circles[0]);
        }
    }

    #[test]
    fn a_parent_and_its_child_may_not_use_each_other_either() {
        let child = ("a/b.rs", "use super::A; pub struct B(A);");
        for parent in [
            "mod b; pub struct A; use b::B;",
            "mod b; pub struct A; fn f(_: b::B) {}",
            "mod b; pub struct A; pub use b::B; fn f(_: B) {}",
        ] {
            assert_eq!(found(&[("lib.rs", "mod a;"), ("a.rs", parent), child]).len(), 1, "{parent}");
        }
    }

    #[test]
    fn what_is_reexported_counts_where_it_is_defined() {
        let (user, definer) = (("a.rs", "use crate::b::B; pub struct A;"), ("b/c.rs", "pub struct B;"));
        let with_head = |head| found(&[ROOT, user, ("b/mod.rs", head), definer]);
        assert_eq!(with_head("mod c; pub(crate) use c::B; fn f(_: crate::a::A) {}"), [""; 0]);
        assert_eq!(with_head("mod c; pub use c::*; fn f(_: crate::a::A) {}"), [""; 0]);
        assert_eq!(with_head("pub struct B; fn f(_: crate::a::A) {}").len(), 1);
        let definer = ("b/c.rs", "pub struct B(crate::a::A);");
        let circles = found(&[ROOT, user, ("b/mod.rs", "mod c; pub use c::B;"), definer]);
        assert!(circles[0].contains("`crate::b::B` is of b/c.rs"), "{circles:?}");
    }

    #[test]
    fn a_declaration_a_test_another_crate_and_a_module_only_named_are_no_use() {
        let b = ("b.rs", "use crate::a::A; pub struct B;");
        for a in [
            "pub struct A;",
            "pub struct A; use crate::b;",
            "pub struct A; use other::b::B; fn f(_: ::b::B) { x.b::<u8>(); b(); }",
            "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
            "pub struct A; #[cfg(test)] use crate::b::B;",
            "pub struct A; impl A { #[cfg(test)] fn f(_: crate::b::B) {} }",
        ] {
            assert_eq!(found(&[ROOT, ("a.rs", a), b]), [""; 0], "{a}");
        }
        let tests = ("a/tests.rs", "use crate::b::B;");
        assert_eq!(found(&[ROOT, ("a.rs", "pub struct A; #[cfg(test)] mod tests;"), tests, b]), [""; 0]);
    }

    #[test]
    fn a_circle_through_three_files_is_one() {
        let root = ("lib.rs", "mod a; mod b; mod c;");
        let rest = [("b.rs", "use crate::c::C; pub struct B;"), ("c.rs", "use crate::a::A; pub struct C;")];
        let circles = found(&[root, ("a.rs", "use crate::b::B; pub struct A;"), rest[0], rest[1]]);
        assert_eq!(circles.len(), 1);
        assert!(circles[0].starts_with("3 files in a circle:"), "{}", circles[0]);
        assert_eq!(found(&[root, ("a.rs", "pub struct A;"), rest[0], rest[1]]), [""; 0]);
    }
}
