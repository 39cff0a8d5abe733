// The time, for what is so long ago.

class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), 10_000);
  }
}

export const clock = new Clock();
