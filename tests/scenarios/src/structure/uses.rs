//! Which file of a crate uses which other one, by a `use` or by a path anywhere in it.
//!
//! What is re-exported counts where it is defined; neither the re-export nor `mod x;` is a use, nor is it to name a
//! module: what is then taken from it is.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::names::{Names, Target};
use super::sources::{Crate, ModulePath};

/// By file and the file it uses: one place where it does.
pub(super) type Edges = BTreeMap<(String, String), String>;

pub(super) fn edges(krate: &Crate) -> Edges {
    let names = Names::of(krate);
    let mut edges = Edges::new();
    for module in &krate.modules {
        let mut uses = Uses { names: &names, module: &module.path, edges: &mut edges };
        for import in names.imports(&module.path).iter().filter(|import| !import.is_reexport) {
            uses.add(&import.path, import.is_glob, import.line);
        }
        module.items.iter().for_each(|item| uses.visit_item(item));
    }
    edges
}

struct Uses<'a> {
    names: &'a Names,
    module: &'a ModulePath,
    edges: &'a mut Edges,
}

impl Uses<'_> {
    /// `is_glob` means everything in the module.
    fn add(&mut self, path: &[String], is_glob: bool, line: usize) {
        let from = self.names.file(self.module);
        let to = match self.names.resolve(self.module, path) {
            Some(Target::Item { file }) => file,
            Some(Target::Module(module)) if is_glob => self.names.file(&module).to_owned(),
            _ => return,
        };
        if to != from {
            let place = format!("{from}:{line} `{}{}`", path.join("::"), if is_glob { "::*" } else { "" });
            self.edges.entry((from.to_owned(), to)).or_insert(place);
        }
    }

    fn add_path(&mut self, path: &syn::Path) {
        if path.leading_colon.is_none() {
            let segments: Vec<String> = path.segments.iter().map(|one| one.ident.to_string()).collect();
            self.add(&segments, false, path.span().start().line);
        }
    }

    /// The paths in what a macro is given, read from left to right.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<(String, Span)> = Vec::new();
        // The two before.
        let mut before = [' '; 2];
        for token in tokens {
            let joins = before == [':', ':'] && !path.is_empty();
            let kind = match &token {
                TokenTree::Punct(punct) => punct.as_char(),
                TokenTree::Ident(_) => 'a',
                _ => ' ',
            };
            match token {
                TokenTree::Ident(ident) => {
                    if !joins {
                        self.end_of_path(&mut path);
                    }
                    // A method or a field.
                    if before[1] != '.' {
                        path.push((ident.to_string(), ident.span()));
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Group(group) => {
                    self.end_of_path(&mut path);
                    self.add_tokens(group.stream());
                }
                _ => self.end_of_path(&mut path),
            }
            before = [before[1], kind];
        }
        self.end_of_path(&mut path);
    }

    /// A name alone might be a variable or a key, unless it is written as a type or a constant.
    fn end_of_path(&mut self, path: &mut Vec<(String, Span)>) {
        let segments: Vec<String> = path.iter().map(|(name, _)| name.clone()).collect();
        if segments.len() > 1 || segments.iter().any(|name| name.starts_with(char::is_uppercase)) {
            self.add(&segments, false, path[0].1.start().line);
        }
        path.clear();
    }

    /// `#[serde(with = "super::seconds")]`.
    fn add_paths_in_texts(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.add_paths_in_texts(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value());
                    let path = text.ok().filter(|text| text.contains("::"));
                    if let Some(Ok(path)) = path.map(|path| syn::parse_str::<syn::Path>(&path)) {
                        let segments: Vec<String> =
                            path.segments.iter().map(|one| one.ident.to_string()).collect();
                        self.add(&segments, false, literal.span().start().line);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add_path(path);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.add_paths_in_texts(list.tokens.clone());
        }
    }
}
