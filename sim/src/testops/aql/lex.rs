//! Text to tokens.

use super::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    And,
    Or,
    Not,
    In,
    Null,
    Bool(bool),
    Name(String),
    Function(String),
    Number(f64),
    Text(String),
    Compare(Op),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Contains,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Tokens with the character offset at which each begins.
pub(super) fn lex(text: &str) -> Result<Vec<(usize, Token)>, Refusal> {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        at: 0,
    };
    let mut tokens = Vec::new();
    while let Some(next) = lexer.peek() {
        let start = lexer.at;
        if matches!(next, ' ' | '\t' | '\n' | '\r' | '\x0c') {
            lexer.at += 1;
            continue;
        }
        tokens.push((start, lexer.token(next)?));
    }
    Ok(tokens)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let taken = self.peek() == Some(wanted);
        self.at += usize::from(taken);
        taken
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(next) = self.peek().filter(|next| accept(*next)) {
            taken.push(next);
            self.at += 1;
        }
        taken
    }

    fn token(&mut self, first: char) -> Result<Token, Refusal> {
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(self.word());
        }
        if first.is_ascii_digit() || first == '-' {
            return self.number();
        }
        let start = self.at;
        self.at += 1;
        Ok(match first {
            '"' => return self.text(start),
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenBracket,
            ']' => Token::CloseBracket,
            ',' => Token::Comma,
            '=' => Token::Compare(Op::Equal),
            '<' if self.take('=') => Token::Compare(Op::LessOrEqual),
            '<' => Token::Compare(Op::Less),
            '>' if self.take('=') => Token::Compare(Op::GreaterOrEqual),
            '>' => Token::Compare(Op::Greater),
            '!' if self.take('=') => Token::Compare(Op::NotEqual),
            '~' if self.take('=') => Token::Compare(Op::Contains),
            other => return Err(Refusal(format!("UNEXPECTED_CHARACTER: '{other}' at position {start}"))),
        })
    }

    fn word(&mut self) -> Token {
        let word = self.take_while(|next| next.is_ascii_alphabetic() || next == '_');
        if self.peek() == Some('(') && self.chars.get(self.at + 1) == Some(&')') {
            self.at += 2;
            return Token::Function(word);
        }
        match word.to_ascii_lowercase().as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            "in" => Token::In,
            "is" => Token::Compare(Op::Equal),
            "null" | "empty" => Token::Null,
            "true" => Token::Bool(true),
            "false" => Token::Bool(false),
            _ => Token::Name(word),
        }
    }

    fn number(&mut self) -> Result<Token, Refusal> {
        let start = self.at;
        let mut digits = String::new();
        if self.take('-') {
            digits.push('-');
        }
        digits.push_str(&self.take_while(|next| next.is_ascii_digit()));
        if self.take('.') {
            digits.push('.');
            digits.push_str(&self.take_while(|next| next.is_ascii_digit()));
        }
        digits
            .parse()
            .map(Token::Number)
            .map_err(|_| Refusal(format!("UNEXPECTED_CHARACTER: '{digits}' at position {start}")))
    }

    fn text(&mut self, start: usize) -> Result<Token, Refusal> {
        let mut text = String::new();
        while let Some(next) = self.peek() {
            self.at += 1;
            match next {
                '"' => return Ok(Token::Text(text)),
                '\\' => text.push(self.escape(start)?),
                other => text.push(other),
            }
        }
        Err(Refusal(format!("UNTERMINATED_STRING: at position {start}")))
    }

    fn escape(&mut self, start: usize) -> Result<char, Refusal> {
        let escaped = self
            .peek()
            .ok_or_else(|| Refusal(format!("UNTERMINATED_STRING: at position {start}")))?;
        self.at += 1;
        Ok(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'u' => {
                let hex: String = self.chars.iter().skip(self.at).take(4).collect();
                let code = u32::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 4);
                let code = code.ok_or_else(|| Refusal(format!("INVALID_UNICODE_ESCAPE: at position {}", self.at)))?;
                self.at += 4;
                // Half of a surrogate pair has no character of its own.
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => other,
        })
    }
}
