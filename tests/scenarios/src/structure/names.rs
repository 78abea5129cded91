//! What a path means within its crate: the file that defines the item, found through every `use` on the way.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Item, ItemUse, UseTree, Visibility};

use super::sources::{Crate, Module, ModulePath};

/// What a path comes to. `None` in its place: something outside the crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Module(ModulePath),
    /// Whatever a file defines.
    Item {
        file: String,
    },
}

/// One name that a `use` brings.
#[derive(Debug, Clone)]
pub(super) struct Import {
    /// As the module calls it; nothing for `*` and `_`.
    name: Option<String>,
    pub(super) path: Vec<String>,
    pub(super) is_glob: bool,
    /// `pub use`, in whatever form.
    pub(super) is_reexport: bool,
    pub(super) line: usize,
}

struct Scope {
    file: String,
    children: Vec<String>,
    defined: Vec<String>,
    imports: Vec<Import>,
}

pub(super) struct Names {
    scopes: BTreeMap<ModulePath, Scope>,
}

/// Paths lead through each other; this many steps are a circle of names, which only outside crates seem to make
/// (`use anyhow::anyhow;`).
const STEPS_MAX: usize = 16;

impl Names {
    pub(super) fn of(krate: &Crate) -> Self {
        let scope = |module: &Module| Scope {
            file: module.file.clone(),
            children: module.children.clone(),
            defined: module.items.iter().filter_map(defined).collect(),
            imports: imports(module),
        };
        Self { scopes: krate.modules.iter().map(|module| (module.path.clone(), scope(module))).collect() }
    }

    pub(super) fn file(&self, module: &ModulePath) -> &str {
        &self.scopes[module].file
    }

    pub(super) fn imports(&self, module: &ModulePath) -> &[Import] {
        &self.scopes[module].imports
    }

    /// What `path`, written in `module`, means.
    pub(super) fn resolve(&self, module: &ModulePath, path: &[String]) -> Option<Target> {
        self.follow(module, path, false, STEPS_MAX)
    }

    /// A module and an item may share a name; `to_module` says which is meant.
    fn follow(&self, module: &ModulePath, path: &[String], to_module: bool, steps: usize) -> Option<Target> {
        let steps = steps.checked_sub(1)?;
        let (head, mut rest) = path.split_first()?;
        let mut at = match head.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module.split_last()?.1.to_vec(),
            "Self" => return None,
            name => match self.name(module, name, !rest.is_empty() || to_module, steps)? {
                Target::Module(path) => path,
                item => return Some(item),
            },
        };
        while let Some((name, after)) = rest.split_first() {
            rest = after;
            if name == "super" {
                at.pop();
                continue;
            }
            if name == "self" {
                continue;
            }
            match self.name(&at, name, !rest.is_empty() || to_module, steps) {
                Some(Target::Module(path)) => at = path,
                Some(item) => return Some(item),
                None if self.is_from_outside(&at, name) => return None,
                // What a macro makes there.
                None => return Some(Target::Item { file: self.file(&at).to_owned() }),
            }
        }
        Some(Target::Module(at))
    }

    /// What one name means in a module.
    fn name(&self, module: &ModulePath, name: &str, to_module: bool, steps: usize) -> Option<Target> {
        let scope = &self.scopes[module];
        let child = scope.children.iter().any(|child| child == name).then(|| {
            let path = module.iter().cloned().chain([name.to_owned()]);
            Target::Module(path.collect())
        });
        let item = || {
            let defined = scope.defined.iter().any(|defined| defined == name);
            defined.then(|| Target::Item { file: scope.file.clone() })
        };
        let imported = || {
            let named = scope.imports.iter().filter(|import| import.name.as_deref() == Some(name));
            let mut found = named.filter_map(|import| self.follow(module, &import.path, to_module, steps));
            found.find(|target| matches!(target, Target::Module(_)) == to_module)
        };
        let through_globs = || {
            let mut globs = scope.imports.iter().filter(|import| import.is_glob);
            globs.find_map(|glob| match self.follow(module, &glob.path, true, steps)? {
                Target::Module(path) if path != *module => {
                    self.name(&path, name, to_module, steps.checked_sub(1)?)
                }
                _ => None,
            })
        };
        if to_module {
            child.or_else(imported).or_else(item).or_else(|| self.any_import(module, name, steps))
        } else {
            item().or_else(imported).or(child)
        }
        .or_else(through_globs)
    }

    /// An import of that name, a module or not.
    fn any_import(&self, module: &ModulePath, name: &str, steps: usize) -> Option<Target> {
        let imports = &self.scopes[module].imports;
        let mut named = imports.iter().filter(|import| import.name.as_deref() == Some(name));
        named.find_map(|import| self.follow(module, &import.path, false, steps))
    }

    fn is_from_outside(&self, module: &ModulePath, name: &str) -> bool {
        self.scopes[module].imports.iter().any(|import| import.name.as_deref() == Some(name))
    }
}

fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Every `use` of a module, those within its functions too.
fn imports(module: &Module) -> Vec<Import> {
    struct Uses(Vec<Import>);
    impl<'ast> Visit<'ast> for Uses {
        fn visit_item_use(&mut self, item: &'ast ItemUse) {
            if item.leading_colon.is_none() {
                let is_reexport = !matches!(item.vis, Visibility::Inherited);
                add_leaves(&mut self.0, &item.tree, Vec::new(), is_reexport);
            }
            visit::visit_item_use(self, item);
        }
    }
    let mut uses = Uses(Vec::new());
    module.items.iter().for_each(|item| uses.visit_item(item));
    uses.0
}

fn add_leaves(leaves: &mut Vec<Import>, tree: &UseTree, mut path: Vec<String>, is_reexport: bool) {
    let import = |name: Option<String>, path, ident: proc_macro2::Span| Import {
        is_glob: false,
        name: name.filter(|name| name != "_"),
        path,
        is_reexport,
        line: ident.start().line,
    };
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            add_leaves(leaves, &step.tree, path, is_reexport);
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| add_leaves(leaves, tree, path.clone(), is_reexport));
        }
        UseTree::Name(leaf) if leaf.ident == "self" => {
            leaves.push(import(path.last().cloned(), path, leaf.ident.span()));
        }
        UseTree::Name(leaf) => {
            path.push(leaf.ident.to_string());
            leaves.push(import(Some(leaf.ident.to_string()), path, leaf.ident.span()));
        }
        UseTree::Rename(leaf) => {
            path.push(leaf.ident.to_string());
            leaves.push(import(Some(leaf.rename.to_string()), path, leaf.ident.span()));
        }
        UseTree::Glob(star) => {
            leaves.push(Import { is_glob: true, ..import(None, path, star.star_token.spans[0]) });
        }
    }
}
