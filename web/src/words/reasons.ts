// Why a message was not taken, in plain words; and what to say to who asks.

import type { Language } from '../lib/preferences.svelte';
import type { Reason } from '../views/message/reason';

/** Whose door it was: our own server while mail came in, a mailbox of ours, or somebody else's. */
export type Whose = 'door' | 'ours' | 'theirs';

/** A reason: in two words, behind "because", and what to say to who asks. */
interface Told {
  label: string;
  is: string;
  tip: Record<Whose, string>;
}

const same = (tip: string): Record<Whose, string> => ({ door: tip, ours: tip, theirs: tip });
const apart = (ours: string, theirs: string) => ({ door: ours, ours, theirs });

export const reasons: Record<Language, Record<Reason, Told>> = {
  en: {
    mailbox_full: {
      label: 'mailbox full',
      is: 'the mailbox is full',
      tip: {
        door: 'The mailbox is full. Make room in it or raise its limit; then the sender has to send again.',
        ours: 'The mailbox is full. Make room in it or raise its limit; then ask the sender to send again.',
        theirs:
          'Nothing is wrong here. The recipient has to make room; tell them by telephone, and send again later.',
      },
    },
    unknown_user: {
      label: 'no such mailbox',
      is: 'there is no such mailbox',
      tip: {
        door: 'The address does not exist here. Check how the sender wrote it; if it should exist, create the mailbox or an alias.',
        ours: 'The address does not exist here. Check its spelling; if it should exist, create the mailbox or an alias.',
        theirs:
          'Check the spelling of the address, also what the address book completes by itself. If it is right, the mailbox is gone: ask the recipient for a new address.',
      },
    },
    disabled: {
      label: 'mailbox disabled',
      is: 'the mailbox is disabled',
      tip: apart(
        'The mailbox exists but is switched off. Switch it on if it should take mail.',
        'The recipient’s mailbox exists but is switched off there. Reach them in another way.',
      ),
    },
    no_domain: {
      label: 'domain takes no mail',
      is: 'the domain takes no mail',
      tip: same(
        'Check the part behind the @: it is misspelt, or that domain takes no mail at all.',
      ),
    },
    blocklisted: {
      label: 'blocklisted',
      is: 'the sending server’s address is on a blocklist',
      tip: apart(
        'The sending server is on a blocklist. Its operator has to have it removed; if you trust that server, let it through by name.',
        'One of our servers is on a blocklist that the recipient’s provider uses. Pass it on to the postmaster; sending again does not help until it is removed.',
      ),
    },
    spam: {
      label: 'taken for spam',
      is: 'it was taken for spam',
      tip: apart(
        'Our filter took it for spam. If it was not, let the sender through, or have the filter learn it.',
        'The recipient’s provider took it for spam. Send again with fewer links and attachments, or have the recipient allow the sender. If it happens often, the account may be misused: look at its story.',
      ),
    },
    virus: {
      label: 'virus found',
      is: 'a virus was found in it',
      tip: same(
        'Do not send it again. Have the sender’s computer checked; send the file in another way if it is surely clean.',
      ),
    },
    greylisted: {
      label: 'greylisted',
      is: 'the sender is not known there yet and has to try again (greylisting)',
      tip: {
        door: 'Nothing to do: a proper server tries again within minutes, and then it gets in. If nothing comes within hours, that server does not try again.',
        ours: 'Nothing to do: it is tried again within minutes.',
        theirs:
          'Nothing to do: our server tries again by itself, usually within half an hour. Do not send again.',
      },
    },
    rate: {
      label: 'too many at a time',
      is: 'too much mail came at a time',
      tip: {
        door: 'The sender sends too much at a time. It goes on by itself when it slows down.',
        ours: 'It goes on by itself. For many recipients send in smaller portions.',
        theirs:
          'It goes on by itself. For many recipients send in smaller portions; if the sender knows of no such sending, look at the account’s story.',
      },
    },
    too_big: {
      label: 'too big',
      is: 'the message is too big',
      tip: same(
        'Send the attachment as a link, or smaller. Attachments grow by a third on their way.',
      ),
    },
    sender_check: {
      label: 'sender check failed',
      is: 'the check of the sender’s domain failed (SPF, DKIM, DMARC)',
      tip: apart(
        'The sender’s domain does not allow the server that sent it. The sender’s administrator has to put SPF and DKIM right; or the mail is forged.',
        'The sender’s domain does not name our servers in SPF, or the DKIM signature is missing. Pass it on to whoever runs the domain’s DNS.',
      ),
    },
    bad_sender: {
      label: 'sender not accepted',
      is: 'the sender’s address is not accepted',
      tip: {
        door: 'The sender’s domain does not exist or takes no replies. The sender has to put its address right.',
        ours: 'The sender’s address is not accepted. Check how the mail program is set up.',
        theirs:
          'The sender’s address is not accepted there. Check how it is written in the mail program.',
      },
    },
    bad_client: {
      label: 'sending server not in order',
      is: 'the sending server has no proper name',
      tip: {
        door: 'The sending server’s name or reverse DNS is not in order. Its operator has to put that right; it is often the sign of a spam sender.',
        ours: 'The sending server’s name or reverse DNS is not in order.',
        theirs:
          'The recipient’s provider does not accept the name or reverse DNS of our server. Pass it on to the postmaster.',
      },
    },
    relay_denied: {
      label: 'relaying refused',
      is: 'the server does not take mail for that recipient',
      tip: {
        door: 'Somebody wanted to send to elsewhere through our server without a login. If it is a customer: switch on authentication for outgoing mail in the mail program.',
        ours: 'The server does not take mail for this domain. Check where the domain’s mail should go.',
        theirs:
          'The recipient’s server does not take mail for that domain. Its DNS (MX) may be wrong; tell the recipient.',
      },
    },
    login_needed: {
      label: 'login needed',
      is: 'a login is needed',
      tip: same(
        'Check login and password in the mail program, and that authentication for outgoing mail is switched on.',
      ),
    },
    tls: {
      label: 'encryption failed',
      is: 'the encrypted connection could not be made',
      tip: same(
        'The two servers could not agree on encryption. Pass it on to the postmaster, with the reply.',
      ),
    },
    dns: {
      label: 'DNS',
      is: 'the domain’s server could not be found in DNS',
      tip: apart(
        'A name could not be found in DNS. If it lasts, check the domain’s DNS.',
        'Check the part behind the @. If it is right, the recipient’s DNS is not in order; tell them by telephone.',
      ),
    },
    timeout: {
      label: 'no answer',
      is: 'the server did not answer in time',
      tip: {
        door: 'The sending server did not answer in time; it tries again.',
        ours: 'A server of ours did not answer in time. Pass it on to the postmaster if it lasts.',
        theirs:
          'The recipient’s server does not answer at the moment. Ours tries again for days; if it is urgent, reach the recipient in another way.',
      },
    },
    no_connection: {
      label: 'no connection',
      is: 'no connection to the server could be made',
      tip: {
        door: 'The connection broke. The sending server tries again.',
        ours: 'A server of ours could not be reached. Pass it on to the postmaster if it lasts.',
        theirs:
          'The recipient’s server cannot be reached at the moment. Ours tries again for days; if it is urgent, reach the recipient in another way.',
      },
    },
    loop: {
      label: 'loop',
      is: 'the mail goes round in a circle',
      tip: same(
        'Two forwardings point at each other. Look at the forwarding of the mailboxes concerned and take one away.',
      ),
    },
    server_full: {
      label: 'server full',
      is: 'the server has no room left',
      tip: apart(
        'Our server has no room left. Pass it on at once.',
        'The recipient’s server has no room left. Ours tries again by itself.',
      ),
    },
    server_fault: {
      label: 'server fault',
      is: 'the server has a fault of its own',
      tip: apart(
        'Our server is not in order. Pass it on to the postmaster, with the reply.',
        'The recipient’s server is not in order. Only its operator can help; ours tries again where that makes sense.',
      ),
    },
    script: {
      label: 'mailbox rule failed',
      is: 'a rule of the mailbox failed',
      tip: same(
        'The filter rules (Sieve) of the mailbox have a fault. Have a look at them, or switch them off for the moment.',
      ),
    },
    gave_up: {
      label: 'too late',
      is: 'the time for trying was over',
      tip: apart(
        'It was tried for days without success. The attempts before tell why.',
        'It was tried for as long as is usual. The attempts before tell why; reach the recipient in another way.',
      ),
    },
    review: {
      label: 'for review',
      is: 'somebody shall look at it first',
      tip: same('An administrator has to look at it and let it go.'),
    },
    waiting: {
      label: 'waiting its turn',
      is: 'the destination failed before and it is not yet time to try again',
      tip: same(
        'Nothing to do: it is tried again by itself. An administrator can run the queue at once.',
      ),
    },
    busy: {
      label: 'not now',
      is: 'the server does not take mail at the moment',
      tip: {
        door: 'The sending server tries again by itself.',
        ours: 'It is tried again by itself. Pass it on if it lasts.',
        theirs:
          'Nothing to do: our server tries again by itself. If it is urgent, reach the recipient in another way.',
      },
    },
    policy: {
      label: 'against the rules',
      is: 'it is against the server’s rules',
      tip: apart(
        'A rule of ours is against it. The postmaster can tell which one.',
        'A rule of the recipient’s server is against it. The reply often names a page or a telephone number; give that to the recipient.',
      ),
    },
    unknown: {
      label: 'reason not clear',
      is: '',
      tip: same(
        'The reply is of no kind that is known here. Read it to who asks, word for word, or give it to the postmaster.',
      ),
    },
  },
  it: {
    mailbox_full: {
      label: 'casella piena',
      is: 'la casella è piena',
      tip: {
        door: 'La casella è piena. Fai spazio o alza il limite; poi il mittente deve inviare di nuovo.',
        ours: 'La casella è piena. Fai spazio o alza il limite; poi chiedi al mittente di inviare di nuovo.',
        theirs:
          'Qui è tutto a posto. È il destinatario che deve fare spazio; avvisalo per telefono e invia di nuovo più tardi.',
      },
    },
    unknown_user: {
      label: 'casella inesistente',
      is: 'la casella non esiste',
      tip: {
        door: 'L’indirizzo qui non esiste. Controlla come l’ha scritto il mittente; se deve esistere, crea la casella o un alias.',
        ours: 'L’indirizzo qui non esiste. Controlla come è scritto; se deve esistere, crea la casella o un alias.',
        theirs:
          'Controlla come è scritto l’indirizzo, anche ciò che la rubrica completa da sola. Se è giusto, la casella non c’è più: chiedi al destinatario un indirizzo nuovo.',
      },
    },
    disabled: {
      label: 'casella disattivata',
      is: 'la casella è disattivata',
      tip: apart(
        'La casella esiste ma è spenta. Riattivala se deve ricevere posta.',
        'La casella del destinatario esiste ma là è spenta. Contattalo in altro modo.',
      ),
    },
    no_domain: {
      label: 'dominio senza posta',
      is: 'il dominio non riceve posta',
      tip: same('Controlla la parte dopo la @: è scritta male, o quel dominio non riceve posta.'),
    },
    blocklisted: {
      label: 'in lista nera',
      is: 'l’indirizzo del server mittente è in una lista nera',
      tip: apart(
        'Il server mittente è in una lista nera. Chi lo gestisce deve farlo togliere; se ti fidi di quel server, ammettilo per nome.',
        'Un nostro server è in una lista nera usata dal fornitore del destinatario. Passa la cosa al postmaster; inviare di nuovo non serve finché non è tolto.',
      ),
    },
    spam: {
      label: 'preso per spam',
      is: 'è stato preso per spam',
      tip: apart(
        'Il nostro filtro l’ha preso per spam. Se non lo era, ammetti il mittente o fallo imparare al filtro.',
        'Il fornitore del destinatario l’ha preso per spam. Invia di nuovo con meno link e allegati, o fai ammettere il mittente dal destinatario. Se succede spesso, la casella può essere abusata: guarda la sua storia.',
      ),
    },
    virus: {
      label: 'virus trovato',
      is: 'vi è stato trovato un virus',
      tip: same(
        'Non inviarlo di nuovo. Fai controllare il computer del mittente; se il file è sicuramente pulito, invialo in altro modo.',
      ),
    },
    greylisted: {
      label: 'greylisting',
      is: 'il mittente là non è ancora noto e deve ritentare (greylisting)',
      tip: {
        door: 'Nulla da fare: un server corretto ritenta entro minuti, e allora entra. Se per ore non arriva nulla, quel server non ritenta.',
        ours: 'Nulla da fare: si ritenta entro minuti.',
        theirs:
          'Nulla da fare: il nostro server ritenta da solo, di solito entro mezz’ora. Non inviare di nuovo.',
      },
    },
    rate: {
      label: 'troppi insieme',
      is: 'è arrivata troppa posta in una volta',
      tip: {
        door: 'Il mittente invia troppo in una volta. Prosegue da solo quando rallenta.',
        ours: 'Prosegue da solo. Per molti destinatari invia a gruppi più piccoli.',
        theirs:
          'Prosegue da solo. Per molti destinatari invia a gruppi più piccoli; se il mittente non sa di tali invii, guarda la storia della casella.',
      },
    },
    too_big: {
      label: 'troppo grande',
      is: 'il messaggio è troppo grande',
      tip: same(
        'Invia l’allegato come link, o più piccolo. Gli allegati crescono di un terzo lungo la strada.',
      ),
    },
    sender_check: {
      label: 'verifica mittente fallita',
      is: 'la verifica del dominio del mittente è fallita (SPF, DKIM, DMARC)',
      tip: apart(
        'Il dominio del mittente non ammette il server che ha inviato. Il suo amministratore deve sistemare SPF e DKIM; oppure il messaggio è falso.',
        'Il dominio del mittente non nomina i nostri server in SPF, o manca la firma DKIM. Passa la cosa a chi gestisce il DNS del dominio.',
      ),
    },
    bad_sender: {
      label: 'mittente non accettato',
      is: 'l’indirizzo del mittente non è accettato',
      tip: {
        door: 'Il dominio del mittente non esiste o non riceve risposte. È il mittente che deve correggere il suo indirizzo.',
        ours: 'L’indirizzo del mittente non è accettato. Controlla come è impostato il programma di posta.',
        theirs:
          'L’indirizzo del mittente là non è accettato. Controlla come è scritto nel programma di posta.',
      },
    },
    bad_client: {
      label: 'server mittente non in ordine',
      is: 'il server mittente non ha un nome corretto',
      tip: {
        door: 'Il nome o il DNS inverso del server mittente non è in ordine. Deve sistemarlo chi lo gestisce; spesso è il segno di chi invia spam.',
        ours: 'Il nome o il DNS inverso del server mittente non è in ordine.',
        theirs:
          'Il fornitore del destinatario non accetta il nome o il DNS inverso del nostro server. Passa la cosa al postmaster.',
      },
    },
    relay_denied: {
      label: 'inoltro rifiutato',
      is: 'il server non prende posta per quel destinatario',
      tip: {
        door: 'Qualcuno voleva inviare altrove dal nostro server senza accesso. Se è un cliente: attiva l’autenticazione per la posta in uscita nel programma di posta.',
        ours: 'Il server non prende posta per questo dominio. Controlla dove deve andare la posta del dominio.',
        theirs:
          'Il server del destinatario non prende posta per quel dominio. Il suo DNS (MX) può essere sbagliato; avvisa il destinatario.',
      },
    },
    login_needed: {
      label: 'serve l’accesso',
      is: 'serve l’accesso con password',
      tip: same(
        'Controlla nome e password nel programma di posta, e che l’autenticazione per la posta in uscita sia attiva.',
      ),
    },
    tls: {
      label: 'cifratura fallita',
      is: 'la connessione cifrata non è riuscita',
      tip: same(
        'I due server non si sono accordati sulla cifratura. Passa la cosa al postmaster, con la risposta.',
      ),
    },
    dns: {
      label: 'DNS',
      is: 'il server del dominio non si trova nel DNS',
      tip: apart(
        'Un nome non si trova nel DNS. Se dura, controlla il DNS del dominio.',
        'Controlla la parte dopo la @. Se è giusta, il DNS del destinatario non è in ordine; avvisalo per telefono.',
      ),
    },
    timeout: {
      label: 'nessuna risposta',
      is: 'il server non ha risposto in tempo',
      tip: {
        door: 'Il server mittente non ha risposto in tempo; ritenta.',
        ours: 'Un nostro server non ha risposto in tempo. Se dura, passa la cosa al postmaster.',
        theirs:
          'Il server del destinatario ora non risponde. Il nostro ritenta per giorni; se è urgente, contatta il destinatario in altro modo.',
      },
    },
    no_connection: {
      label: 'nessuna connessione',
      is: 'non si è potuta aprire una connessione con il server',
      tip: {
        door: 'La connessione si è interrotta. Il server mittente ritenta.',
        ours: 'Un nostro server non è raggiungibile. Se dura, passa la cosa al postmaster.',
        theirs:
          'Il server del destinatario ora non è raggiungibile. Il nostro ritenta per giorni; se è urgente, contatta il destinatario in altro modo.',
      },
    },
    loop: {
      label: 'giro chiuso',
      is: 'la posta gira in tondo',
      tip: same(
        'Due inoltri puntano l’uno all’altro. Guarda gli inoltri delle caselle e togline uno.',
      ),
    },
    server_full: {
      label: 'server pieno',
      is: 'il server non ha più spazio',
      tip: apart(
        'Il nostro server non ha più spazio. Segnalalo subito.',
        'Il server del destinatario non ha più spazio. Il nostro ritenta da solo.',
      ),
    },
    server_fault: {
      label: 'guasto del server',
      is: 'il server ha un guasto suo',
      tip: apart(
        'Il nostro server non è in ordine. Passa la cosa al postmaster, con la risposta.',
        'Il server del destinatario non è in ordine. Può aiutare solo chi lo gestisce; il nostro ritenta dove ha senso.',
      ),
    },
    script: {
      label: 'regola della casella fallita',
      is: 'una regola della casella è fallita',
      tip: same(
        'Le regole di filtro (Sieve) della casella hanno un errore. Controllale, o spegnile per il momento.',
      ),
    },
    gave_up: {
      label: 'troppo tardi',
      is: 'il tempo per i tentativi era finito',
      tip: apart(
        'Si è tentato per giorni senza esito. I tentativi precedenti dicono perché.',
        'Si è tentato per il tempo consueto. I tentativi precedenti dicono perché; contatta il destinatario in altro modo.',
      ),
    },
    review: {
      label: 'da esaminare',
      is: 'qualcuno deve prima guardarlo',
      tip: same('Un amministratore deve guardarlo e rilasciarlo.'),
    },
    waiting: {
      label: 'in attesa del turno',
      is: 'la destinazione ha già fallito e non è ancora ora di ritentare',
      tip: same(
        'Nulla da fare: si ritenta da solo. Un amministratore può far partire la coda subito.',
      ),
    },
    busy: {
      label: 'non ora',
      is: 'il server al momento non prende posta',
      tip: {
        door: 'Il server mittente ritenta da solo.',
        ours: 'Si ritenta da solo. Segnalalo se dura.',
        theirs:
          'Nulla da fare: il nostro server ritenta da solo. Se è urgente, contatta il destinatario in altro modo.',
      },
    },
    policy: {
      label: 'contro le regole',
      is: 'è contro le regole del server',
      tip: apart(
        'Una nostra regola è contraria. Il postmaster sa dire quale.',
        'Una regola del server del destinatario è contraria. La risposta spesso nomina una pagina o un telefono; dalli al destinatario.',
      ),
    },
    unknown: {
      label: 'motivo non chiaro',
      is: '',
      tip: same(
        'La risposta non è di un tipo noto qui. Leggila parola per parola a chi chiede, o passala al postmaster.',
      ),
    },
  },
};
