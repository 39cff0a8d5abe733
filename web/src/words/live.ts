// Words of the view.

import { both } from '../lib/words';

export const live = both({
  en: {},
  it: {},
});
