// Why mail was refused or put off: one of few reasons, from the text of a reply, its enhanced status
// code (RFC 3463) and its reply code. What none of these tells is `unknown`, and said to be.

export type Reason =
  | 'mailbox_full'
  | 'unknown_user'
  | 'disabled'
  | 'no_domain'
  | 'blocklisted'
  | 'spam'
  | 'virus'
  | 'greylisted'
  | 'rate'
  | 'too_big'
  | 'sender_check'
  | 'bad_sender'
  | 'bad_client'
  | 'relay_denied'
  | 'login_needed'
  | 'tls'
  | 'dns'
  | 'timeout'
  | 'no_connection'
  | 'loop'
  | 'server_full'
  | 'server_fault'
  | 'script'
  | 'gave_up'
  | 'review'
  | 'waiting'
  | 'busy'
  | 'policy'
  | 'unknown';

export interface Said {
  text?: string;
  enhanced_status?: string;
  code?: number;
}

/** Words that servers write; the first that fits tells. */
const TEXTS: [Reason, RegExp][] = [
  ['greylisted', /gr[ae]y-?list|postgrey|come back later/],
  ['virus', /virus|malware|infected|eicar/],
  [
    'blocklisted',
    /blocked using|block ?list|black ?list|dns[bw]l|\brbl\b|spamhaus|spamcop|barracudacentral|found in .*(query|lookup)|listed (at|in|on|by)\b|(poor|bad|low) reputation|\bs31[45]0\b/,
  ],
  ['relay_denied', /relay(ing)? (access )?(denied|not (permitted|allowed))|unable to relay/],
  [
    'sender_check',
    /\bspf\b|\bdkim\b|\bdmarc\b|authentication checks? failed|unauthenticated (email|mail)/,
  ],
  [
    'login_needed',
    /authentication (is )?required|must (authenticate|issue a starttls)|not logged in/,
  ],
  [
    'bad_client',
    /cannot find your (reverse )?hostname|reverse dns|\bptr\b|helo command rejected|invalid helo|client host rejected/,
  ],
  ['spam', /\bspam\b|\bjunk\b|unsolicited|content (filter|rejected)|message content/],
  ['too_big', /(message|mail) (size|is too (big|large)|too (big|large))|exceeds .*(size|limit)/],
  ['server_full', /insufficient (system|disk)|no space left|disk (is )?full/],
  ['mailbox_full', /quota|mailbox (is )?full|out of storage|storage (limit|allocation)/],
  [
    'disabled',
    /(account|mailbox|user|address).{0,40}(disabled|inactive|suspended|deactivated|closed)/,
  ],
  [
    'rate',
    /rate ?limit|too many (connections|messages|mails|recipients|errors)|throttl|unusual rate|sending (too|limit)/,
  ],
  ['script', /sieve/],
  [
    'unknown_user',
    /user unknown|unknown user|no such (user|mailbox|recipient|address|person)|does not exist|doesn'?t exist|no mailbox here|recipnotfound|recipient .*not found|unrouteable address|unknown (recipient|address|mailbox)|(invalid|bad) recipient|address unknown|mailbox (unavailable|not found)|no valid recipient/,
  ],
  ['bad_sender', /sender (address )?(rejected|denied|verify failed)|domain of sender/],
  ['loop', /too many hops|(mail|forwarding|routing) loop|loops back/],
  [
    'dns',
    /host (or domain name )?not found|name service error|nxdomain|no mx|name server|malformed dns|unrouteable mail domain|dns (lookup|error)/,
  ],
  ['tls', /\btls\b|certificate|starttls|handshake|\bssl\b/],
  ['waiting', /retry time not reached/],
  ['gave_up', /retry timeout exceeded|message expired|been in the queue|delivery time expired/],
  ['timeout', /timed out|timeout|time-out/],
  [
    'no_connection',
    /connection (refused|reset|closed)|lost connection|no route to host|unreachable|broken pipe/,
  ],
  ['policy', /discard action|access denied|policy/],
  ['review', /manual review|moderation|held for/],
  [
    'server_fault',
    /permission denied|cannot (create|open|update)|read-only|lock file|server configuration|temporary lookup failure|internal (server )?error|local problem/,
  ],
  ['busy', /try again later|temporar|service (not available|unavailable)|busy|overload/],
];

/** Details of enhanced status codes, whatever their class. */
const STATUSES: Record<string, Reason> = {
  '1.0': 'unknown_user',
  '1.1': 'unknown_user',
  '1.2': 'no_domain',
  '1.3': 'unknown_user',
  '1.4': 'unknown_user',
  '1.6': 'unknown_user',
  '1.7': 'bad_sender',
  '1.8': 'bad_sender',
  '1.10': 'no_domain',
  '2.1': 'disabled',
  '2.2': 'mailbox_full',
  '2.3': 'too_big',
  '3.0': 'server_fault',
  '3.1': 'server_full',
  '3.2': 'busy',
  '3.4': 'too_big',
  '3.5': 'server_fault',
  '4.1': 'no_connection',
  '4.2': 'no_connection',
  '4.3': 'dns',
  '4.4': 'dns',
  '4.5': 'busy',
  '4.6': 'loop',
  '4.7': 'gave_up',
  '7.4': 'tls',
  '7.5': 'tls',
  '7.8': 'login_needed',
  '7.10': 'tls',
  '7.11': 'tls',
  '7.20': 'sender_check',
  '7.21': 'sender_check',
  '7.22': 'sender_check',
  '7.23': 'sender_check',
  '7.24': 'sender_check',
  '7.25': 'bad_client',
  '7.26': 'sender_check',
  '7.27': 'bad_sender',
  '7.28': 'rate',
};

/** What codes tell that have no detail: mailbox busy, shortage, size, address, transaction. */
const CODES: Record<number, Reason> = {
  421: 'busy',
  452: 'server_full',
  530: 'login_needed',
  535: 'login_needed',
  552: 'mailbox_full',
};

/** Characters of a reply that are looked at: what tells stands at its beginning. */
const TEXT_MAX = 2_000;

export function reasonOf(said: Said): Reason {
  const text = (said.text ?? '').slice(0, TEXT_MAX).toLowerCase();
  const told = TEXTS.find(([, words]) => words.test(text));
  const [, ...detail] = (said.enhanced_status ?? '').split('.');
  const status = STATUSES[detail.join('.')];
  // "Try again later" says less than a status that names what is wrong.
  if (told && told[0] !== 'busy') return told[0];
  if (status) return status;
  if (told) return told[0];
  if (detail[0] === '7') return 'policy';
  if (said.code !== undefined && CODES[said.code]) return CODES[said.code]!;
  return 'unknown';
}

/** What the other side said, without our server's words round it. */
export function verbatim(text: string, isRemote = true): string {
  const bare = text.replace(/^delivery temporarily suspended: /, '');
  if (!isRemote) return bare;
  const said = /(?: said: |^[A-Z]+ error [^:]*:(?:<[^>]*>:)? )(.*)$/s.exec(bare)?.[1] ?? bare;
  return said.replace(/ \(in reply to [^)]*\)?$/, '');
}

/** Which of those that failed tells why: the last one, but "it was tried for too long" tells nothing. */
export function telling<T extends Said>(failed: T[]): T | undefined {
  const why = failed.findLast((it) => !['gave_up', 'waiting'].includes(reasonOf(it)));
  return why ?? failed.at(-1);
}
