//! JQL as tokens.

/// A token with its position, counted in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A bare word; keywords are recognised by the parser.
    Word(String),
    /// A quoted string, unescaped.
    Text(String),
    /// `= != < > <= >= ~ !~`
    Operator(&'static str),
    Open,
    Close,
    Comma,
    End,
}

impl TokenKind {
    /// How error messages quote it.
    pub(super) fn quote(&self) -> String {
        match self {
            Self::Word(word) | Self::Text(word) => word.clone(),
            Self::Operator(op) => (*op).to_owned(),
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::Comma => ",".to_owned(),
            Self::End => "<EOF>".to_owned(),
        }
    }
}

/// Characters that must be quoted.
const RESERVED: &str = "{}*/%^$#@?:;`|&\\";

struct Cursor<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    column: usize,
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let there = self.rest.peek() == Some(&wanted);
        if there {
            self.next();
        }
        there
    }
}

/// Splits JQL into tokens, the last of which is [`TokenKind::End`].
pub(super) fn tokens(jql: &str) -> Result<Vec<Token>, String> {
    let mut cursor = Cursor {
        rest: jql.chars().peekable(),
        line: 1,
        column: 1,
    };
    let mut tokens = Vec::new();
    loop {
        let (line, column) = (cursor.line, cursor.column);
        let Some(c) = cursor.next() else {
            tokens.push(Token {
                kind: TokenKind::End,
                line,
                column,
            });
            return Ok(tokens);
        };
        let kind = match c {
            c if c.is_whitespace() => continue,
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '=' => TokenKind::Operator("="),
            '~' => TokenKind::Operator("~"),
            '!' if cursor.eat('=') => TokenKind::Operator("!="),
            '!' if cursor.eat('~') => TokenKind::Operator("!~"),
            '!' => TokenKind::Word("NOT".to_owned()),
            '<' => TokenKind::Operator(if cursor.eat('=') { "<=" } else { "<" }),
            '>' => TokenKind::Operator(if cursor.eat('=') { ">=" } else { ">" }),
            '"' | '\'' => TokenKind::Text(quoted(&mut cursor, c, line, column)?),
            '&' if cursor.eat('&') => TokenKind::Word("AND".to_owned()),
            '|' if cursor.eat('|') => TokenKind::Word("OR".to_owned()),
            c if RESERVED.contains(c) => return Err(reserved(c, line, column)),
            c => TokenKind::Word(word(&mut cursor, c)),
        };
        tokens.push(Token { kind, line, column });
    }
}

fn reserved(c: char, line: usize, column: usize) -> String {
    let code = u32::from(c);
    format!(
        "Error in the JQL Query: The character '{c}' is a reserved JQL character. You must enclose it in a string or use the \
         escape '\\u{code:04x}' instead. (line {line}, character {column})"
    )
}

fn word(cursor: &mut Cursor<'_>, first: char) -> String {
    let mut word = String::from(first);
    while let Some(&c) = cursor.rest.peek() {
        if c.is_whitespace() || "()=!<>~,\"'".contains(c) {
            break;
        }
        word.push(c);
        cursor.next();
    }
    word
}

fn quoted(cursor: &mut Cursor<'_>, quote: char, line: usize, column: usize) -> Result<String, String> {
    let mut text = String::new();
    loop {
        let c = match cursor.next() {
            Some('\\') => escape(cursor),
            Some(c) if c == quote => return Ok(text),
            other => other,
        };
        let Some(c) = c else {
            return Err(format!(
                "Error in the JQL Query: The quoted string '{text}' has not been completed. (line {line}, character {column})"
            ));
        };
        text.push(c);
    }
}

fn escape(cursor: &mut Cursor<'_>) -> Option<char> {
    match cursor.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'u' => {
            let digits: String = std::iter::from_fn(|| cursor.next()).take(4).collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
        }
        c => Some(c),
    }
}
