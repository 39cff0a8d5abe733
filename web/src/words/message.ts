// What happened to a message, in plain words.

import { both } from '../lib/words';

const many = (n: number, one: string, more: string) => (n === 1 ? `1 ${one}` : `${n} ${more}`);

export const message = both({
  en: {
    title: 'Message',
    untitled: '(no subject told)',
    nobody: 'the mail system (empty sender)',
    unknownSender: 'unknown sender',
    to: 'to',
    from: 'from',
    moreRecipients: (n: number) => `and ${n} more`,
    recipients: (n: number) => many(n, 'recipient', 'recipients'),
    showAll: (n: number) => `Show all ${n}`,

    arrived: 'Arrived',
    size: 'Size',
    cameFrom: 'Came from',
    login: 'Login',
    tls: 'Encryption',
    messageId: 'Message-ID',
    keptUntil: 'Kept until',
    keptForEver: 'for ever',
    keptClass: (name: string, days?: number) =>
      days === undefined ? name : `${name}, ${many(days, 'day', 'days')}`,
    keptHint:
      'The last day on which all of it is there, by its retention class. What is held stays longer.',
    headerFrom: 'From header',
    webmail: 'Webmail',
    queueIds: 'Queue ids',

    copyMarkdown: 'Copy for a ticket',
    copyLink: 'Copy link',
    copyReply: 'Copy reply',
    copyAnswer: 'Copy sentence and tip',
    linesShow: 'Original lines',
    linesHide: 'Hide lines',
    keyLines: 'original lines',
    toList: 'All found',
    inSearch: 'In search',

    journey: 'The way it took',
    journeyOf: (n: number) => `${many(n, 'step', 'steps')} in order of time`,
    picture: (from: string, to: string, end: string) =>
      `Drawing of the way from ${from} to ${to}: ${end}. The steps below say the same.`,
    laneMailbox: 'mailbox',
    laneMailboxes: (n: number) => `${n} mailboxes`,
    laneMore: (n: number) => `${n} more servers`,
    laneHere: 'queue',
    waitOf: (time: string) => `${time} waiting`,
    scale: 'Time is drawn so that short steps stay visible beside long waits.',
    stageBefore: 'before the queue',
    stageQueue: 'in the queue',
    stageConnect: 'connecting',
    stageTransmit: 'transmitting',

    end: 'What became of it',
    attempt: 'Attempts',
    attemptOf: (n: number) => many(n, 'attempt', 'attempts'),
    reply: 'Reply, word for word',
    replyOwn: 'Reason, word for word',
    writtenTo: (address: string) => `written to ${address}`,
    tip: 'Tip',

    saysDelivered: (rcpt: string, folder: string, time: string) =>
      `In the mailbox of ${rcpt}${folder ? `, folder ${folder}` : ''}, since ${time}.`,
    saysDeliveredBy: (rcpt: string, to: string, time: string) =>
      `Delivered for ${rcpt}${to ? ` by ${to}` : ''}, ${time}.`,
    saysRelayed: (rcpt: string, relay: string, time: string) =>
      `${relay} took the message for ${rcpt} on ${time}. What happened there is not in our logs.`,
    saysHandedOver: (rcpt: string, to: string, time: string) =>
      `Given to ${to} for ${rcpt} on ${time}; no line tells yet what came of it.`,
    saysDeferred: (rcpt: string, times: number, relay: string, reason: string) =>
      `Not yet delivered to ${rcpt}: ${relay} put it off ${times === 1 ? 'once' : `${times} times`}, because ${reason}. The server tries again by itself.`,
    saysWaits: (rcpt: string) =>
      `Not yet delivered to ${rcpt}: it is in the queue, and no attempt has failed so far.`,
    saysBounced: (rcpt: string, relay: string, time: string, reason: string) =>
      `Not delivered to ${rcpt}: ${relay} refused it for good on ${time}, because ${reason}.`,
    saysExpired: (rcpt: string, time: string, reason: string) =>
      `Not delivered to ${rcpt}: the server gave up on ${time}. The last reason: ${reason}.`,
    saysHeld: (rcpt: string, reason: string) =>
      `Not delivered to ${rcpt}: it is on hold until an administrator lets it go${reason ? ` (${reason})` : ''}.`,
    saysExpanded: (rcpt: string) =>
      `${rcpt} stands for others, to whom it was sent; what became of it for each is told there.`,
    saysQuarantined: (rcpt: string, reason: string) =>
      `Not delivered to ${rcpt}: a filter has put it into quarantine${reason ? ` (${reason})` : ''}.`,
    saysSieveDiscarded: (rcpt: string) =>
      `It reached ${rcpt}, and a rule of that mailbox threw it away. Nobody was told.`,
    saysDiscarded: (rcpt: string, reason: string) =>
      `Not delivered to ${rcpt}: it was thrown away, because ${reason}. The sender was not told.`,
    saysRejected: (rcpt: string, reason: string) =>
      `Refused for ${rcpt} while it came in, because ${reason}.`,
    saysDeleted: (rcpt: string) =>
      `Not delivered to ${rcpt}: an administrator deleted it from the queue.`,
    saysAborted: (rcpt: string) =>
      `Never sent whole for ${rcpt}: the connection ended before the message was complete.`,
    saysDeliverable: (rcpt: string) =>
      `Only a test of the address: ${rcpt} takes mail. Nothing was sent.`,
    saysUndeliverable: (rcpt: string, reason: string) =>
      `Only a test of the address: ${rcpt} takes no mail, because ${reason}. Nothing was sent.`,
    saysUnknown: (rcpt: string) => `What became of it for ${rcpt} is in no line that we have.`,
    unnamed: (n: number, outcome: string) =>
      `${many(n, 'more recipient', 'more recipients')}, named in no line: ${outcome}.`,
    theServer: 'the server',
    ourMailbox: 'our mail store',
    becauseUnknown: (text: string) => (text ? `“${text}”` : 'of a reason that no line tells'),

    afterwards: 'In the mailbox since then',
    afterwardsNone:
      'No line tells that it was read, moved or deleted. Servers log that only where it is switched on.',
    didRead: 'read',
    didFlagged: (flags: string) => (flags ? `marked ${flags}` : 'marked'),
    didFetched: 'fetched',
    didMoved: (to: string) => (to ? `moved to ${to}` : 'moved'),
    didCopied: (to: string) => (to ? `copied to ${to}` : 'copied'),
    didDeleted: (where: string) => `marked as deleted${where ? ` in ${where}` : ''}`,
    didExpunged: (where: string) => `removed for good${where ? ` from ${where}` : ''}`,
    didBy: (user: string, client: string, protocol: string) =>
      `${user ? `by ${user}` : ''}${client ? ` from ${client}` : ''}${protocol ? ` over ${protocol}` : ''}`,
    gone: (user: string, client: string, protocol: string, time: string) =>
      `Deleted by ${user || 'the user'}${client ? ` from ${client}` : ''}${protocol ? ` over ${protocol}` : ''}, ${time}.`,
    saved: (folder: string) => `filed in ${folder || 'the mailbox'}`,

    notices: 'Who was told',
    noticeNonDelivery: (to: string) => `A bounce went to ${to}`,
    noticeOther: (to: string) => `A notification went to ${to}`,
    noticeDelay: (to: string) => `Word of the delay went to ${to}`,
    noticeDeliveryStatus: (to: string) => `A confirmation of delivery went to ${to}`,
    noticeNone: (why: string) => `No notification was made: ${why}`,
    noticeSender: 'the sender',
    noticePostmaster: 'the postmaster',
    noticeOpen: 'what came of it is not told',
    noticeShow: 'Show it',

    related: 'Belongs to it',
    relatedDsn: 'This is a notification about another message',
    relatedAutoreply: 'This is an automatic reply to another message',
    relatedList: 'Sent out by a mailing list that got another message',
    causedDsn: 'Notification about this message',
    causedAutoreply: 'Automatic reply to it',
    causedList: 'Sent out by the mailing list',
    sameId: 'Same Message-ID',

    verdicts: 'Filters and checks',
    score: (value: string) => `score ${value}`,

    openNote: 'It is still in a queue: more will come. This page asks again by itself.',
    headNote:
      'The first lines of this message are missing: they were lost, or are older than the archive.',
    moreNote:
      'There is more than is shown here. Ask for one Message-ID or queue id to see all of it.',
    gapNote: (host: string, from: string, until: string) =>
      `${host} has no lines from ${from} to ${until}; what happened then cannot be known.`,
    partNote: 'Shown is what concerns your own mailboxes.',

    found: (n: number) => many(n, 'message', 'messages'),
    foundRefusals: (n: number) => many(n, 'refusal', 'refusals'),
    newestFirst: 'the newest first',
    none: 'Nothing is known of it',
    noneHint:
      'Neither a Message-ID nor a queue id of this kind is in the archive, or none that you may see. Queue ids are cut off easily when they are copied.',
    searchFor: 'Search for it everywhere',
    askedAgain: 'What was just sent shows up here by itself: it is asked for until',
    askedLong: 'It is not asked for any more.',
    askAnew: 'Ask again',

    saysRefused: (client: string, time: string, reason: string) =>
      `Our server refused a message from ${client} on ${time}, because ${reason}. It never came in.`,
    saysRefusedForNow: (client: string, time: string, reason: string) =>
      `Our server put off a message from ${client} on ${time}, because ${reason}. A proper server tries again.`,
    stage: 'Stage',
    decidedBy: 'Decided by',
    helo: 'Greeting',
    rowOnly: 'This is the only line that tells of it: it was refused before it had a number.',

    stepHost: 'Host',
    sinceStart: 'Since arrival',
    oneLine: 'No original line: concluded from others.',
  },
  it: {
    title: 'Messaggio',
    untitled: '(oggetto non riportato)',
    nobody: 'il sistema di posta (mittente vuoto)',
    unknownSender: 'mittente ignoto',
    to: 'a',
    from: 'da',
    moreRecipients: (n: number) => `e altri ${n}`,
    recipients: (n: number) => many(n, 'destinatario', 'destinatari'),
    showAll: (n: number) => `Mostra tutti e ${n}`,

    arrived: 'Arrivato',
    size: 'Dimensione',
    cameFrom: 'Proveniente da',
    login: 'Accesso',
    tls: 'Cifratura',
    messageId: 'Message-ID',
    keptUntil: 'Conservato fino a',
    keptForEver: 'per sempre',
    keptClass: (name: string, days?: number) =>
      days === undefined ? name : `${name}, ${many(days, 'giorno', 'giorni')}`,
    keptHint:
      'L’ultimo giorno in cui c’è tutto, secondo la classe di conservazione. Ciò che è trattenuto resta di più.',
    headerFrom: 'Intestazione From',
    webmail: 'Webmail',
    queueIds: 'Numeri di coda',

    copyMarkdown: 'Copia per un ticket',
    copyLink: 'Copia link',
    copyReply: 'Copia risposta',
    copyAnswer: 'Copia frase e consiglio',
    linesShow: 'Righe originali',
    linesHide: 'Nascondi righe',
    keyLines: 'righe originali',
    toList: 'Tutti i trovati',
    inSearch: 'Nella ricerca',

    journey: 'La strada percorsa',
    journeyOf: (n: number) => `${many(n, 'passo', 'passi')} in ordine di tempo`,
    picture: (from: string, to: string, end: string) =>
      `Disegno del percorso da ${from} a ${to}: ${end}. I passi sotto dicono lo stesso.`,
    laneMailbox: 'casella',
    laneMailboxes: (n: number) => `${n} caselle`,
    laneMore: (n: number) => `altri ${n} server`,
    laneHere: 'coda',
    waitOf: (time: string) => `${time} di attesa`,
    scale:
      'Il tempo è disegnato in modo che i passi brevi restino visibili accanto alle lunghe attese.',
    stageBefore: 'prima della coda',
    stageQueue: 'in coda',
    stageConnect: 'connessione',
    stageTransmit: 'trasmissione',

    end: 'Com’è finita',
    attempt: 'Tentativi',
    attemptOf: (n: number) => many(n, 'tentativo', 'tentativi'),
    reply: 'Risposta, parola per parola',
    replyOwn: 'Motivo, parola per parola',
    writtenTo: (address: string) => `scritto a ${address}`,
    tip: 'Consiglio',

    saysDelivered: (rcpt: string, folder: string, time: string) =>
      `Nella casella di ${rcpt}${folder ? `, cartella ${folder}` : ''}, dal ${time}.`,
    saysDeliveredBy: (rcpt: string, to: string, time: string) =>
      `Consegnato per ${rcpt}${to ? ` da ${to}` : ''}, ${time}.`,
    saysRelayed: (rcpt: string, relay: string, time: string) =>
      `${relay} ha preso il messaggio per ${rcpt} il ${time}. Che cosa ne sia stato là non è nei nostri registri.`,
    saysHandedOver: (rcpt: string, to: string, time: string) =>
      `Passato a ${to} per ${rcpt} il ${time}; nessuna riga dice ancora che cosa ne sia stato.`,
    saysDeferred: (rcpt: string, times: number, relay: string, reason: string) =>
      `Non ancora consegnato a ${rcpt}: ${relay} lo ha rinviato ${times === 1 ? 'una volta' : `${times} volte`}, perché ${reason}. Il server ritenta da solo.`,
    saysWaits: (rcpt: string) =>
      `Non ancora consegnato a ${rcpt}: è in coda, e finora nessun tentativo è fallito.`,
    saysBounced: (rcpt: string, relay: string, time: string, reason: string) =>
      `Non consegnato a ${rcpt}: ${relay} lo ha respinto in modo definitivo il ${time}, perché ${reason}.`,
    saysExpired: (rcpt: string, time: string, reason: string) =>
      `Non consegnato a ${rcpt}: il server ha rinunciato il ${time}. L’ultimo motivo: ${reason}.`,
    saysHeld: (rcpt: string, reason: string) =>
      `Non consegnato a ${rcpt}: è trattenuto finché un amministratore non lo rilascia${reason ? ` (${reason})` : ''}.`,
    saysExpanded: (rcpt: string) =>
      `${rcpt} sta per altri, a cui è stato inviato; che cosa ne sia stato per ciascuno è detto lì.`,
    saysQuarantined: (rcpt: string, reason: string) =>
      `Non consegnato a ${rcpt}: un filtro lo ha messo in quarantena${reason ? ` (${reason})` : ''}.`,
    saysSieveDiscarded: (rcpt: string) =>
      `È arrivato a ${rcpt}, e una regola di quella casella lo ha buttato. Nessuno è stato avvisato.`,
    saysDiscarded: (rcpt: string, reason: string) =>
      `Non consegnato a ${rcpt}: è stato buttato, perché ${reason}. Il mittente non è stato avvisato.`,
    saysRejected: (rcpt: string, reason: string) =>
      `Rifiutato per ${rcpt} mentre entrava, perché ${reason}.`,
    saysDeleted: (rcpt: string) =>
      `Non consegnato a ${rcpt}: un amministratore lo ha tolto dalla coda.`,
    saysAborted: (rcpt: string) =>
      `Mai inviato per intero per ${rcpt}: la connessione è finita prima del messaggio.`,
    saysDeliverable: (rcpt: string) =>
      `Solo una prova dell’indirizzo: ${rcpt} riceve posta. Nulla è stato inviato.`,
    saysUndeliverable: (rcpt: string, reason: string) =>
      `Solo una prova dell’indirizzo: ${rcpt} non riceve posta, perché ${reason}. Nulla è stato inviato.`,
    saysUnknown: (rcpt: string) =>
      `Che cosa ne sia stato per ${rcpt} non è in nessuna riga che abbiamo.`,
    unnamed: (n: number, outcome: string) =>
      `${many(n, 'altro destinatario', 'altri destinatari')}, senza nome nelle righe: ${outcome}.`,
    theServer: 'il server',
    ourMailbox: 'il nostro archivio di posta',
    becauseUnknown: (text: string) => (text ? `«${text}»` : 'per un motivo che nessuna riga dice'),

    afterwards: 'Da allora nella casella',
    afterwardsNone:
      'Nessuna riga dice che sia stato letto, spostato o eliminato. I server lo registrano solo dove è attivato.',
    didRead: 'letto',
    didFlagged: (flags: string) => (flags ? `segnato ${flags}` : 'segnato'),
    didFetched: 'scaricato',
    didMoved: (to: string) => (to ? `spostato in ${to}` : 'spostato'),
    didCopied: (to: string) => (to ? `copiato in ${to}` : 'copiato'),
    didDeleted: (where: string) => `segnato come eliminato${where ? ` in ${where}` : ''}`,
    didExpunged: (where: string) => `rimosso per sempre${where ? ` da ${where}` : ''}`,
    didBy: (user: string, client: string, protocol: string) =>
      `${user ? `da ${user}` : ''}${client ? ` dall’indirizzo ${client}` : ''}${protocol ? ` via ${protocol}` : ''}`,
    gone: (user: string, client: string, protocol: string, time: string) =>
      `Eliminato da ${user || 'chi usa la casella'}${client ? ` dall’indirizzo ${client}` : ''}${protocol ? ` via ${protocol}` : ''}, ${time}.`,
    saved: (folder: string) => `archiviato in ${folder || 'casella'}`,

    notices: 'Chi è stato avvisato',
    noticeNonDelivery: (to: string) => `Un avviso di mancata consegna è andato a ${to}`,
    noticeOther: (to: string) => `Un avviso è andato a ${to}`,
    noticeDelay: (to: string) => `L’avviso del ritardo è andato a ${to}`,
    noticeDeliveryStatus: (to: string) => `Una conferma di consegna è andata a ${to}`,
    noticeNone: (why: string) => `Nessun avviso è stato fatto: ${why}`,
    noticeSender: 'il mittente',
    noticePostmaster: 'il postmaster',
    noticeOpen: 'che cosa ne sia stato non è riportato',
    noticeShow: 'Mostra',

    related: 'Ne fa parte',
    relatedDsn: 'È un avviso su un altro messaggio',
    relatedAutoreply: 'È una risposta automatica a un altro messaggio',
    relatedList: 'Inviato da una lista che ha ricevuto un altro messaggio',
    causedDsn: 'Avviso su questo messaggio',
    causedAutoreply: 'Risposta automatica',
    causedList: 'Inviato dalla lista',
    sameId: 'Stesso Message-ID',

    verdicts: 'Filtri e verifiche',
    score: (value: string) => `punteggio ${value}`,

    openNote: 'È ancora in una coda: altro seguirà. Questa pagina chiede di nuovo da sola.',
    headNote:
      'Mancano le prime righe di questo messaggio: sono andate perse, o sono più vecchie dell’archivio.',
    moreNote:
      'C’è più di quanto è mostrato. Chiedi un solo Message-ID o numero di coda per vedere tutto.',
    gapNote: (host: string, from: string, until: string) =>
      `${host} non ha righe dalle ${from} alle ${until}; che cosa sia successo allora non si può sapere.`,
    partNote: 'È mostrato ciò che riguarda le tue caselle.',

    found: (n: number) => many(n, 'messaggio', 'messaggi'),
    foundRefusals: (n: number) => many(n, 'rifiuto', 'rifiuti'),
    newestFirst: 'prima i più recenti',
    none: 'Non se ne sa nulla',
    noneHint:
      'Nell’archivio non c’è né un Message-ID né un numero di coda così, o nessuno che tu possa vedere. I numeri di coda si tagliano facilmente quando si copiano.',
    searchFor: 'Cercalo ovunque',
    askedAgain: 'Ciò che è appena stato inviato compare qui da sé: si richiede fino alle',
    askedLong: 'Non si richiede più.',
    askAnew: 'Chiedi di nuovo',

    saysRefused: (client: string, time: string, reason: string) =>
      `Il nostro server ha rifiutato un messaggio da ${client} il ${time}, perché ${reason}. Non è mai entrato.`,
    saysRefusedForNow: (client: string, time: string, reason: string) =>
      `Il nostro server ha rinviato un messaggio da ${client} il ${time}, perché ${reason}. Un server corretto ritenta.`,
    stage: 'Fase',
    decidedBy: 'Deciso da',
    helo: 'Saluto',
    rowOnly: 'È la sola riga che ne parla: è stato rifiutato prima di avere un numero.',

    stepHost: 'Host',
    sinceStart: 'Dall’arrivo',
    oneLine: 'Nessuna riga originale: dedotto da altre.',
  },
});

/** How it ended, by the API's names. */
export const outcomes = both({
  en: {
    delivered: 'delivered',
    relayed: 'relayed',
    handed_over: 'on its way',
    expanded: 'sent on to others',
    deferred: 'waiting',
    held: 'held',
    quarantined: 'in quarantine',
    bounced: 'bounced',
    expired: 'given up',
    discarded: 'discarded',
    rejected: 'refused',
    deleted: 'deleted from the queue',
    aborted: 'broken off',
    deliverable: 'address works',
    undeliverable: 'address fails',
    unknown: 'not known',
    mixed: 'differs by recipient',
  },
  it: {
    delivered: 'consegnato',
    relayed: 'inoltrato',
    handed_over: 'in viaggio',
    expanded: 'passato ad altri',
    deferred: 'in attesa',
    held: 'trattenuto',
    quarantined: 'in quarantena',
    bounced: 'respinto',
    expired: 'abbandonato',
    discarded: 'scartato',
    rejected: 'rifiutato',
    deleted: 'tolto dalla coda',
    aborted: 'interrotto',
    deliverable: 'indirizzo valido',
    undeliverable: 'indirizzo non valido',
    unknown: 'non noto',
    mixed: 'diverso per destinatario',
  },
});
