// Words of the view.

import { both } from '../lib/words';

export const search = both({
  en: {},
  it: {},
});
