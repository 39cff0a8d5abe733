// The story of an account: who used it, from where, and what is unusual.

import { both } from '../lib/words';

const many = (n: number, text: string, one: string, more: string) =>
  `${text} ${n === 1 ? one : more}`;

export const account = both({
  en: {
    title: 'Account',
    which: 'Which account?',
    open: 'Show its story',
    allRows: 'All rows in search',
    copyLink: 'Copy link',
    unknown: 'No row of this account in this time',
    unknownHint:
      'Is it misspelt, an alias, or a mailbox that you may not see? Try a longer time, or a search for the address anywhere.',
    anywhere: 'Search for it anywhere',

    logins: 'Logins',
    failed: 'Failed logins',
    sent: 'Sent',
    received: 'Received',
    refused: 'Refused',
    removed: 'Deleted, moved',
    onlyThis: (what: string) => `Show only this: ${what}`,
    perBar: (every: string) => `each bar ${every}`,
    timeline: 'When',
    zoom: (what: string) => `Show only ${what}`,
    chartOf: (lane: string, total: string, most: string) =>
      `${lane}: ${total} in all, at most ${most} in one bar`,

    unusual: 'What is unusual',
    nothingUnusual:
      'Nothing unusual by these measures: networks and countries used for the first time, a login after many failures, bursts of sending or deleting, and guessing of the password.',
    checking: 'Looking for what is unusual',
    brokeIn: (address: string, failures: string, from: string, at: string) =>
      `${failures} failed logins from ${address} since ${from}, then one that succeeded at ${at}.`,
    brokeInWhy:
      'Somebody guessed the password, or its owner mistyped it for long. Change the password if the owner does not know this address.',
    newCountry: (country: string, at: string, did: string) =>
      `First use from ${country} at ${at}: ${did}.`,
    newCountryWhy: (since: string, before: string) =>
      `The account is known here since ${since} and was used from ${before} before. A journey or a VPN look the same.`,
    newNetwork: (network: string, at: string, did: string) =>
      `First use of ${network} at ${at}: ${did}.`,
    newNetworkWhy: (since: string, count: string) =>
      `The account is known here since ${since} and was used from ${count} before. A journey or a new provider look the same.`,
    networks: (n: number, text: string) => many(n, text, 'other network', 'other networks'),
    burstSent: (n: string, every: string, at: string) =>
      `${n} messages sent within ${every} from ${at} on.`,
    burstRemoved: (n: string, every: string, at: string) =>
      `${n} messages deleted or moved within ${every} from ${at} on.`,
    burstWhy: (most: string) => `Apart from that it was ${most} at most in as long a time.`,
    guessing: (failures: string, addresses: string) =>
      `${failures} failed logins from ${addresses}, of which none got in.`,
    guessingWhy: 'Such guessing is common. It is harmless as long as the password is good.',
    addresses: (n: number, text: string) => many(n, text, 'address', 'addresses'),
    evidence: 'Its rows',
    splitFrom: (address: string) => `Tell ${address} apart`,
    didLogins: (n: number, text: string) => many(n, text, 'login', 'logins'),
    didSent: (n: number, text: string) => many(n, text, 'message sent', 'messages sent'),
    didFetched: (n: number, text: string) => many(n, text, 'message read', 'messages read'),
    didDeleted: (n: number, text: string) => many(n, text, 'deleted', 'deleted'),
    didNothing: 'nothing that is counted',

    from: 'From where',
    address: 'Address',
    country: 'Country',
    first: 'First use',
    last: 'Last use',
    programs: 'Program',
    readCount: 'Read',
    deletedCount: 'Deleted',
    onlyFailedHidden: (n: number, text: string) =>
      many(n, text, 'address that never got in', 'addresses that never got in'),
    show: 'Show',
    hide: 'Hide',
    splitHint: 'Choose addresses to tell their story apart from the others.',
    fetchedHint:
      'Read and deleted are counted as far as sessions log them (Dovecot: imap_logout_format, pop3_logout_format).',

    split: 'Told apart',
    chosen: 'The chosen addresses',
    others: 'All others',
    endSplit: 'End',
    touched: (n: number, text: string) => many(n, text, 'message touched', 'messages touched'),
    touchedNone: 'No message is named in its lines.',
    touchedMore: (n: string) => `The newest ${n} rows are told of; there are more.`,
    touchedHint:
      'Messages are named where they were sent, and where the mail store logs what is done in mailboxes. POP3 sessions tell numbers only.',
    download: 'Download CSV',
    csvTime: 'time',
    csvWhat: 'what',
    csvFrom: 'address',
    csvMessageId: 'message_id',
    csvQueueId: 'queue_id',
    csvFolder: 'folder',
    csvTo: 'recipients',
    csvSize: 'bytes',

    queue: 'In the queue now',
    queueLine: (to: string, since: string, attempts: number) =>
      `to ${to}, since ${since}, ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`,
    queueMore: 'The queue is long; only its oldest part was looked through.',
    queueAsked: 'Looking through the queues …',
    queueNone: 'Nothing of this account waits.',

    story: 'What happened',
    all: 'All',
    more: 'Earlier',
    noMore: 'That is all in this time.',
    nothingHere: 'Nothing of this kind in this time.',
    entryLogin: (n: number, text: string) => (n === 1 ? 'Login' : `${text} logins`),
    entryFailed: (n: number, text: string) => (n === 1 ? 'Failed login' : `${text} failed logins`),
    entryRefused: (n: number, text: string) =>
      n === 1 ? 'A message was refused' : `${text} messages were refused`,
    entrySending: (n: string) => `${n} messages sent`,
    entryFrom: 'From',
    entryTo: 'To',
    entryMoreTo: (n: number) => `and ${n} more`,
    didRemoved: (n: number, text: string) => many(n, text, 'removed', 'removed'),
    didMarked: (n: number, text: string) => many(n, text, 'marked deleted', 'marked deleted'),
    didCopied: (n: number, text: string) => many(n, text, 'copied', 'copied'),
    didMoved: (n: number, text: string) => many(n, text, 'moved', 'moved'),
    didFlagged: (n: number, text: string) => many(n, text, 'marked or read', 'marked or read'),
  },
  it: {
    title: 'Casella',
    which: 'Quale casella?',
    open: 'Mostra la storia',
    allRows: 'Tutte le righe nella ricerca',
    copyLink: 'Copia link',
    unknown: 'Nessuna riga di questa casella in questo tempo',
    unknownHint:
      'È scritta male, è un alias, o è una casella che non puoi vedere? Prova un tempo più lungo, o cerca l’indirizzo ovunque.',
    anywhere: 'Cercalo ovunque',

    logins: 'Accessi',
    failed: 'Accessi falliti',
    sent: 'Inviati',
    received: 'Ricevuti',
    refused: 'Rifiutati',
    removed: 'Eliminati, spostati',
    onlyThis: (what: string) => `Mostra solo questo: ${what}`,
    perBar: (every: string) => `ogni barra ${every}`,
    timeline: 'Quando',
    zoom: (what: string) => `Mostra solo ${what}`,
    chartOf: (lane: string, total: string, most: string) =>
      `${lane}: ${total} in tutto, al massimo ${most} in una barra`,

    unusual: 'Che cosa è insolito',
    nothingUnusual:
      'Nulla di insolito secondo queste misure: reti e paesi usati per la prima volta, un accesso dopo molti fallimenti, ondate di invii o eliminazioni, tentativi di indovinare la password.',
    checking: 'Si cerca che cosa è insolito',
    brokeIn: (address: string, failures: string, from: string, at: string) =>
      `${failures} accessi falliti da ${address} dal ${from}, poi uno riuscito il ${at}.`,
    brokeInWhy:
      'Qualcuno ha indovinato la password, o chi la possiede l’ha sbagliata a lungo. Cambiala se il titolare non conosce questo indirizzo.',
    newCountry: (country: string, at: string, did: string) =>
      `Primo uso da: ${country}, il ${at}: ${did}.`,
    newCountryWhy: (since: string, before: string) =>
      `La casella qui è nota dal ${since} ed era usata da: ${before}. Un viaggio o una VPN appaiono uguali.`,
    newNetwork: (network: string, at: string, did: string) =>
      `Primo uso di ${network} il ${at}: ${did}.`,
    newNetworkWhy: (since: string, count: string) =>
      `La casella qui è nota dal ${since} ed era usata da ${count}. Un viaggio o un nuovo fornitore appaiono uguali.`,
    networks: (n: number, text: string) => many(n, text, 'altra rete', 'altre reti'),
    burstSent: (n: string, every: string, at: string) =>
      `${n} messaggi inviati in ${every} a partire dal ${at}.`,
    burstRemoved: (n: string, every: string, at: string) =>
      `${n} messaggi eliminati o spostati in ${every} a partire dal ${at}.`,
    burstWhy: (most: string) => `A parte questo sono stati al massimo ${most} in un tempo uguale.`,
    guessing: (failures: string, addresses: string) =>
      `${failures} accessi falliti da ${addresses}, nessuno dei quali è entrato.`,
    guessingWhy: 'Tentativi così sono comuni. Sono innocui finché la password è buona.',
    addresses: (n: number, text: string) => many(n, text, 'indirizzo', 'indirizzi'),
    evidence: 'Le righe',
    splitFrom: (address: string) => `Separa ${address}`,
    didLogins: (n: number, text: string) => many(n, text, 'accesso', 'accessi'),
    didSent: (n: number, text: string) => many(n, text, 'messaggio inviato', 'messaggi inviati'),
    didFetched: (n: number, text: string) => many(n, text, 'messaggio letto', 'messaggi letti'),
    didDeleted: (n: number, text: string) => many(n, text, 'eliminato', 'eliminati'),
    didNothing: 'nulla che si conti',

    from: 'Da dove',
    address: 'Indirizzo',
    country: 'Paese',
    first: 'Primo uso',
    last: 'Ultimo uso',
    programs: 'Programma',
    readCount: 'Letti',
    deletedCount: 'Eliminati',
    onlyFailedHidden: (n: number, text: string) =>
      many(n, text, 'indirizzo mai entrato', 'indirizzi mai entrati'),
    show: 'Mostra',
    hide: 'Nascondi',
    splitHint: 'Scegli degli indirizzi per separare la loro storia dagli altri.',
    fetchedHint:
      'Letti ed eliminati sono contati per quanto le sessioni lo registrano (Dovecot: imap_logout_format, pop3_logout_format).',

    split: 'Separati',
    chosen: 'Gli indirizzi scelti',
    others: 'Tutti gli altri',
    endSplit: 'Fine',
    touched: (n: number, text: string) => many(n, text, 'messaggio toccato', 'messaggi toccati'),
    touchedNone: 'Nessun messaggio è nominato nelle sue righe.',
    touchedMore: (n: string) => `Si parla delle ${n} righe più recenti; ce ne sono altre.`,
    touchedHint:
      'I messaggi sono nominati dove sono stati inviati, e dove l’archivio di posta registra ciò che si fa nelle caselle. Le sessioni POP3 danno solo numeri.',
    download: 'Scarica CSV',
    csvTime: 'ora',
    csvWhat: 'che_cosa',
    csvFrom: 'indirizzo',
    csvMessageId: 'message_id',
    csvQueueId: 'numero_di_coda',
    csvFolder: 'cartella',
    csvTo: 'destinatari',
    csvSize: 'byte',

    queue: 'Ora in coda',
    queueLine: (to: string, since: string, attempts: number) =>
      `a ${to}, dal ${since}, ${attempts === 1 ? '1 tentativo' : `${attempts} tentativi`}`,
    queueMore: 'La coda è lunga; se ne è guardata solo la parte più vecchia.',
    queueAsked: 'Si guardano le code …',
    queueNone: 'Niente di questo account è in attesa.',

    story: 'Che cosa è successo',
    all: 'Tutto',
    more: 'Prima',
    noMore: 'È tutto in questo tempo.',
    nothingHere: 'Nulla di questo tipo in questo tempo.',
    entryLogin: (n: number, text: string) => (n === 1 ? 'Accesso' : `${text} accessi`),
    entryFailed: (n: number, text: string) =>
      n === 1 ? 'Accesso fallito' : `${text} accessi falliti`,
    entryRefused: (n: number, text: string) =>
      n === 1 ? 'Un messaggio è stato rifiutato' : `${text} messaggi sono stati rifiutati`,
    entrySending: (n: string) => `${n} messaggi inviati`,
    entryFrom: 'Da',
    entryTo: 'A',
    entryMoreTo: (n: number) => `e altri ${n}`,
    didRemoved: (n: number, text: string) => many(n, text, 'rimosso', 'rimossi'),
    didMarked: (n: number, text: string) => many(n, text, 'segnato eliminato', 'segnati eliminati'),
    didCopied: (n: number, text: string) => many(n, text, 'copiato', 'copiati'),
    didMoved: (n: number, text: string) => many(n, text, 'spostato', 'spostati'),
    didFlagged: (n: number, text: string) => many(n, text, 'segnato o letto', 'segnati o letti'),
  },
});
