//! A script as the rest of this crate sees it: owned, without types, with a line on everything that can be evidence.
//!
//! The parser's own tree lives in an arena next to the text; this one can be kept, shared and evaluated long after.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::resolver::Resolved;

/// A name or a literal text.
pub(crate) type Text = Rc<str>;

/// An expression and the line it starts on, counted from 1.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) line: u32,
    pub(crate) kind: ExprKind,
}

/// What an expression does. Type annotations, parentheses and `await` are gone. Lists are boxed slices and rare parts are boxed,
/// so that no variant is larger than three words: programs have millions of expressions.
#[derive(Debug)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    Num(f64),
    Str(Text),
    Template(Box<(Vec<Text>, Vec<Expr>)>),
    Ident(Text),
    This,
    ImportMeta,
    Member(Box<Expr>, Text),
    Index(Box<Expr>, Box<Expr>),
    Call(Box<Expr>, Box<[Expr]>),
    New(Box<Expr>, Box<[Expr]>),
    Import(Box<Expr>),
    Logical(Logic, Box<Expr>, Box<Expr>),
    Binary(&'static str, Box<(Expr, Expr)>),
    Unary(&'static str, Box<Expr>),
    Cond(Box<Expr>, Box<Expr>, Box<Expr>),
    Object(Box<[Prop]>),
    Array(Box<[Expr]>),
    Spread(Box<Expr>),
    Func(Rc<Func>),
    Class(Rc<Class>),
    Assign(Box<Expr>, Box<Expr>),
    /// `x!`: the author says it is never missing.
    NonNull(Box<Expr>),
    /// Anything else, with the expressions inside it.
    Opaque(Box<[Expr]>),
}

/// `||`, `&&`, `??`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logic {
    Or,
    And,
    Coalesce,
}

/// A part of an object literal.
#[derive(Debug)]
pub(crate) enum Prop {
    Field { key: Text, value: Expr },
    Getter { key: Text, func: Rc<Func> },
    Computed { key: Expr, value: Expr },
    Spread(Expr),
}

/// A function, method or arrow.
#[derive(Debug)]
pub(crate) struct Func {
    pub(crate) name: Option<Text>,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Vec<Stmt>,
    pub(crate) arrow: bool,
}

/// A parameter of a function.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) pattern: Pattern,
    pub(crate) default: Option<Expr>,
    pub(crate) type_name: Option<Text>,
    pub(crate) decorators: Vec<Expr>,
    /// `constructor(private readonly x: X)` makes a field as well.
    pub(crate) field: bool,
    pub(crate) rest: bool,
}

/// The left side of a declaration.
#[derive(Debug)]
pub(crate) enum Pattern {
    Name(Text),
    Object(Vec<PatternField>, Option<Text>),
    Array(Vec<Option<Pattern>>),
    Default(Box<Pattern>, Box<Expr>),
}

/// `key: pattern` inside an object pattern.
#[derive(Debug)]
pub(crate) struct PatternField {
    pub(crate) key: Text,
    pub(crate) line: u32,
    pub(crate) pattern: Pattern,
}

/// A statement.
#[derive(Debug)]
pub(crate) enum Stmt {
    Let {
        pattern: Pattern,
        init: Option<Expr>,
    },
    Expr(Expr),
    Return(Option<Expr>),
    If {
        test: Expr,
        then: Vec<Stmt>,
        other: Vec<Stmt>,
    },
    Switch {
        on: Expr,
        cases: Vec<(Option<Expr>, Vec<Stmt>)>,
    },
    /// `for (each of over)`; a plain loop has neither.
    Loop {
        each: Option<Box<Pattern>>,
        over: Option<Expr>,
        body: Vec<Stmt>,
    },
    Try {
        body: Vec<Stmt>,
        handler: Vec<Stmt>,
        last: Vec<Stmt>,
    },
    Block(Vec<Stmt>),
    Func(Rc<Func>),
    Class(Rc<Class>),
    Enum {
        name: Text,
        members: Vec<(Text, Option<Expr>)>,
    },
    Throw,
    Break,
}

/// A class.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: Option<Text>,
    pub(crate) extends: Option<Expr>,
    pub(crate) decorators: Vec<Expr>,
    pub(crate) constructor: Option<Rc<Func>>,
    pub(crate) members: Vec<Member>,
}

/// A member of a class.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: Text,
    pub(crate) line: u32,
    pub(crate) is_static: bool,
    /// `x?: T`
    pub(crate) optional: bool,
    pub(crate) decorators: Vec<Expr>,
    pub(crate) kind: MemberKind,
}

/// What a member of a class is.
#[derive(Debug)]
pub(crate) enum MemberKind {
    Method(Rc<Func>),
    Getter(Rc<Func>),
    Field(Option<Expr>),
}

/// How a name comes into a module.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) local: Text,
    pub(crate) imported: Imported,
    pub(crate) specifier: Text,
    /// What the specifier means, filled in when first asked for.
    pub(crate) target: OnceCell<Resolved>,
}

/// What of the other module a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Imported {
    Default,
    All,
    Name(Text),
}

/// What a module offers under a name.
#[derive(Debug)]
pub(crate) enum Export {
    Local(Text),
    Value(Expr),
    From { specifier: Text, imported: Imported },
}

/// A mention of another module; `S` keeps the specifier.
#[derive(Clone, Debug)]
pub(crate) struct Reference<S = Arc<str>> {
    pub(crate) specifier: S,
    pub(crate) line: u32,
    /// `require(…)`, which the compiler of TypeScript does not follow in its own files.
    pub(crate) required: bool,
    /// `import type`, which leaves no trace in the output.
    pub(crate) type_only: bool,
    /// Whether it brings in the client of Prisma by its name.
    pub(crate) prisma_client: bool,
}

/// A parsed file.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) body: Vec<Stmt>,
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<(Text, Export)>,
    /// `export * from`
    pub(crate) export_all: Vec<Text>,
    /// Line of the first syntax error.
    pub(crate) error_line: Option<u32>,
}
