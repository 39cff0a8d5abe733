// Words of the help.

import { both } from '../lib/words';

export const help = both({
  en: {
    keys: 'Keys',
    questions: 'Questions',
    fields: 'Fields',
    bare: 'Without a field an address looks in all places of addresses, an IP address in all of those, an id in all of those, and a word in replies, reasons, subjects and unknown lines.',
    both: 'Both must hold.',
    either: 'One of them must hold; parentheses put together.',
    not: 'What is not wanted.',
    any: 'Any of these values.',
    begins: 'What begins so; what is said at all.',
    phrase: 'These words, one after the other.',
    numbers: 'Numbers with their units, hundreds of codes, from and to.',
    addresses: 'All below a domain; the null sender of notifications.',
    networks: 'Networks.',
    times: 'Times; the time picker holds as well.',
  },
  it: {
    keys: 'Tasti',
    questions: 'Domande',
    fields: 'Campi',
    bare: 'Senza campo un indirizzo si cerca in tutti i posti degli indirizzi, un indirizzo IP in tutti i suoi, un id in tutti i suoi, e una parola in risposte, motivi, oggetti e righe ignote.',
    both: 'Devono valere entrambe.',
    either: 'Deve valerne una; le parentesi raggruppano.',
    not: 'Ciò che non si vuole.',
    any: 'Uno di questi valori.',
    begins: 'Ciò che comincia così; ciò che è detto del tutto.',
    phrase: 'Queste parole, una dopo l’altra.',
    numbers: 'Numeri con le unità, centinaia di codici, da e a.',
    addresses: 'Tutto sotto un dominio; il mittente vuoto delle notifiche.',
    networks: 'Reti.',
    times: 'Periodi; vale anche il periodo scelto.',
  },
});
