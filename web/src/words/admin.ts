// Words of the view.

import { both } from '../lib/words';

export const admin = both({
  en: {},
  it: {},
});
