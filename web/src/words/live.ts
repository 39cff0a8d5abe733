// Words of the live view.

import { both } from '../lib/words';

export const live = both({
  en: {
    filter: 'Filter',
    list: 'Rows as they come, newest first',
    open: 'live',
    connecting: 'connecting',
    lost: 'connection lost, it is tried again',
    paused: 'paused',
    pause: 'Pause',
    resume: 'Go on',
    waiting: (count: string) => `${count} new rows`,
    rate: (count: string) => `${count} rows a second`,
    lastMinute: 'The last minute',
    ofThem: 'failures',
    sample: (count: string) => `too many to show: one of ${count} is shown`,
    missed: 'Rows came faster than they could be sent; some are missing here, none in the archive.',
    none: 'No rows yet. They are shown as they come.',
    archive: 'In the archive',
    clear: 'Clear',
    keyPause: 'pause, go on',
    keyClear: 'clear the list',
  },
  it: {
    filter: 'Filtra',
    list: 'Righe come arrivano, prima le più recenti',
    open: 'dal vivo',
    connecting: 'connessione',
    lost: 'connessione persa, si riprova',
    paused: 'in pausa',
    pause: 'Pausa',
    resume: 'Riprendi',
    waiting: (count: string) => `${count} righe nuove`,
    rate: (count: string) => `${count} righe al secondo`,
    lastMinute: 'L’ultimo minuto',
    ofThem: 'errori',
    sample: (count: string) => `troppe da mostrare: se ne vede una su ${count}`,
    missed:
      'Le righe arrivano più in fretta di quanto si possano mandare; qui ne mancano, nell’archivio no.',
    none: 'Ancora nessuna riga. Si vedono come arrivano.',
    archive: 'Nell’archivio',
    clear: 'Svuota',
    keyPause: 'pausa, riprendi',
    keyClear: 'svuota l’elenco',
  },
});
