// What columns of rows are called above their values; elsewhere they have the names of questions.

import type { Language } from '../lib/preferences.svelte';

export const columnWords: Record<Language, Record<string, string>> = {
  en: {
    kind: 'What happened',
    account: 'Account',
    relay_name: 'Next server',
    enhanced_status: 'Status code',
    host: 'Our host',
    client_address: 'Address of the client',
    user: 'User',
    mail_from: 'Sender',
    rcpt_to: 'Recipient',
    program: 'Program',
    verdict: 'Verdict',
    severity: 'Severity',
    protocol: 'Protocol',
    tls: 'Encryption',
    action: 'Action',
  },
  it: {
    kind: 'Che cosa',
    account: 'Account',
    relay_name: 'Server successivo',
    enhanced_status: 'Codice di stato',
    host: 'Nostro host',
    client_address: 'Indirizzo del client',
    user: 'Utente',
    mail_from: 'Mittente',
    rcpt_to: 'Destinatario',
    program: 'Programma',
    verdict: 'Verdetto',
    severity: 'Gravità',
    protocol: 'Protocollo',
    tls: 'Cifratura',
    action: 'Azione',
  },
};
