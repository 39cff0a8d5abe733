// Words of the view.

import { both } from '../lib/words';

export const account = both({
  en: {},
  it: {},
});
