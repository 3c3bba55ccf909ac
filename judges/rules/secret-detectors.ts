import type { Detector } from './detector-judge.ts'
import { PROVIDER_KEYS, type SecretLabel } from './provider-keys.ts'
import {
  checkAssignment,
  checkBasic,
  checkBearer,
  checkConnection,
  checkJwt,
  checkLiteral,
  checkNamedKey,
  checkRandom,
} from './secret-checks.ts'

/** Words whose assigned value is a secret, and what may stand between them and the value. */
const SECRET_WORD =
  'pass(?:word|wd|phrase|wort|code)|passwd|(?:\\b|_)pass|pwd|contraseña|senha|mot de passe|secret|token|credential|nonce|oauth|auth(?:[_-]\\w+|(?:key|token|code|pass|orization)\\w*)?\\b|api[_. -]?key|access[_. -]?key|private[_. -]?key|encryption[_. -]?key|signing[_. -]?key|consumer[_. -]?key|client[_. -]?key|[_-]key|nkey'
const SECRET_LITERALS = [
  ...'password; passwd; passphrase; passwort; passcode; |pass; _pass; pwd; contraseña; senha; mot de passe; secret'.split(
    '; ',
  ),
  ...'token; credential; nonce; auth|; auth_; auth-; oauth; authkey; authtoken; authcode; authpass; authorization; nkey; _key; -key'.split(
    '; ',
  ),
  ...'api; access; private; encryption; signing; consumer; client'
    .split('; ')
    .flatMap((word) => ['', '_', '.', ' ', '-'].map((sign) => `${word}${sign}key`)),
]
const ASSIGNMENT = '\\w*[\\\\"\'`\\])]*\\s*(?:[:=]=?>?|:=|\\bis\\b)\\s*'
/** setPassword("…"), set_token(Buffer.from("…")). */
const CALL = '\\w*\\((?:[\\w.]+\\()*'

export const SECRET_DETECTORS: readonly Detector<SecretLabel>[] = [
  ...PROVIDER_KEYS,
  {
    id: 'private_key',
    literals: ['private key'],
    label: 'private_key',
    title: 'private key',
    source:
      '-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\\s\\\\nr]*(?:[A-Za-z-]+: [^\\n]*\\s+)*[A-Za-z0-9+/=]{20,64}',
    severity: 'critical',
  },
  {
    id: 'json_web_token',
    literals: ['|eyj'],
    label: 'json_web_token',
    title: 'JSON web token',
    source: '\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){1,3}',
    severity: 'high',
    check: checkJwt,
  },
  {
    id: 'connection_string',
    literals: ['://'],
    label: 'connection_string',
    title: 'password in a connection string',
    source: '[a-zA-Z][a-zA-Z0-9+.-]*://[^\\s:/@"\'`<>]*:([^\\s/@"\'`<>]{3,})@',
    severity: 'critical',
    check: checkConnection,
  },
  {
    id: 'bearer',
    literals: ['|bearer', 'authorization token', 'authorization: token'],
    label: 'authorization_header',
    title: 'bearer token',
    source: '(?:\\bbearer|\\bauthorization:? token)[ :="\']+([A-Za-z0-9+/=._~-]{12,})',
    case_insensitive: true,
    severity: 'high',
    check: checkBearer,
  },
  {
    id: 'basic',
    literals: ['|basic '],
    label: 'authorization_header',
    title: 'basic credentials',
    source: '\\bbasic ([A-Za-z0-9+/]{6,}={0,2})',
    case_insensitive: true,
    severity: 'high',
    check: checkBasic,
  },
  {
    id: 'command_line',
    literals: [
      ' -u',
      ' --user',
      '\t-u',
      '\n-u',
      'sshpass',
      'identified',
      'requirepass',
      'securestring',
      '-secret',
      '-password',
      '-token',
      '-key',
    ],
    label: 'password',
    title: 'password on a command line',
    source:
      '(?:\\s-u|\\s--user|sshpass -p|identified(?: with \\w+)? by|requirepass|securestring|\\s-{1,2}(?:[\\w-]*-)?(?:secret|password|token|key))[ =]+["\']?(?:[\\w.-]+:)?([^\\s"\'`:;]{4,})',
    case_insensitive: true,
    severity: 'high',
    check: checkAssignment,
  },
  {
    id: 'sql_password',
    literals: ["password '", 'password "', 'identified by'],
    label: 'password',
    title: 'password in SQL',
    source: '\\b(?:with|set|user|role|encrypted)\\b[^\\n;]{0,40}\\bpassword\\s+["\']([^\\s"\']{4,})["\']',
    case_insensitive: true,
    severity: 'high',
    check: checkLiteral,
  },
  {
    id: 'default_value',
    literals: ['secret"', "secret'", 'token"', "token'", 'password"', "password'", 'key"', "key'"],
    label: 'generic_secret',
    title: 'secret',
    source:
      '\\w*(?:env|config|option|setting|default|get|fetch|load|put|set)\\w*\\(\\s*["\']\\w*(?:secret|token|password|key)["\']\\s*,\\s*["\']([^\\s"\']{8,})["\']',
    case_insensitive: true,
    severity: 'high',
    check: checkRandom,
  },
  {
    id: 'named_key',
    literals: ['key:', 'key"', "key'", 'key =', 'key=', 'key(', 'key&'],
    label: 'generic_secret',
    title: 'secret',
    source:
      '(?:\\bx?|[a-z_])key["\'\\])]*\\s*(?:[:=]=?>?|!=|\\()\\s*(?:[\\w.]+\\()*(?:["\'`]|&(?:#39|quot);|\\b)([A-Za-z0-9+/_-]{20,}={0,2})(?:["\'`]|&(?:#39|quot);|\\s|$)',
    case_insensitive: true,
    severity: 'high',
    check: checkNamedKey,
  },
  {
    id: 'signed_cookie',
    literals: ['sid=s%3a', 'sid=s:', 'sid='],
    label: 'generic_secret',
    title: 'session cookie',
    source: '\\b[\\w.-]*sid=\\w(?:%3A|:)([A-Za-z0-9_-]{20,}\\.[A-Za-z0-9%+/_-]{20,})',
    case_insensitive: true,
    severity: 'high',
    check: checkRandom,
  },
  {
    id: 'assignment_quoted',
    literals: SECRET_LITERALS,
    label: 'generic_secret',
    title: 'secret',
    source: `(?:${SECRET_WORD})(?:${ASSIGNMENT}(?:[\\w.]+\\(|[a-z]{1,2}\\b)?|${CALL})\\\\*["'\`]([^\\s"'\`\\\\]{4,})\\\\*["'\`]`,
    case_insensitive: true,
    severity: 'high',
    check: checkAssignment,
  },
  {
    id: 'assignment',
    literals: SECRET_LITERALS,
    label: 'generic_secret',
    title: 'secret',
    source: `(?:${SECRET_WORD})${ASSIGNMENT}([^\\s"'\`,;<>(){}\\[\\]&]{4,})`,
    case_insensitive: true,
    severity: 'high',
    check: checkAssignment,
  },
]
