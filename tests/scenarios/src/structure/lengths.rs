//! How long functions are: from the line of `fn` to the line of the closing brace, both counted.

use std::fmt;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use super::sources::Crate;

pub(super) struct Function {
    place: String,
    name: String,
    pub(super) lines: usize,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` has {} lines", self.place, self.name, self.lines)
    }
}

pub(super) fn of_functions(krate: &Crate) -> Vec<Function> {
    let mut found = Vec::new();
    for module in &krate.modules {
        let mut functions = Functions { file: &module.file, found: &mut found };
        module.items.iter().for_each(|item| functions.visit_item(item));
    }
    found
}

struct Functions<'a> {
    file: &'a str,
    found: &'a mut Vec<Function>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &Signature, body: &Block) {
        let first = signature.fn_token.span().start().line;
        let last = body.brace_token.span.close().end().line;
        self.found.push(Function {
            place: format!("{}:{first}", self.file),
            name: signature.ident.to_string(),
            lines: last - first + 1,
        });
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(body) = &function.default {
            self.measure(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

mod tests {
    use super::*;

    #[test]
    fn functions_and_methods_are_measured_from_fn_to_brace_and_those_of_tests_are_not() {
        let long = format!("    fn long() {{\n{}    }}", "        step();\n".repeat(70));
        let text = format!(
            "/// Not counted.\n#[must_use]\npub fn short(\n    one: u8,\n) {{\n}}\n\
             impl Thing {{\n{long}\n}}\n\
             #[cfg(test)]\nmod tests {{\n{long}\n}}\n\
             #[test]\n{long}\n"
        );
        let found: Vec<String> =
            of_functions(&Crate::of(&[("lib.rs", &text)])).iter().map(Function::to_string).collect();
        assert_eq!(found, ["lib.rs:3: `short` has 4 lines", "lib.rs:8: `long` has 72 lines"]);
    }
}
