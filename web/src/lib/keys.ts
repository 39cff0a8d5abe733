// Keys: single ones as `j`, `?`, `Enter`, and sequences as `g s`.

type Run = (event: KeyboardEvent) => void;
/** What a key does, and the words for it in the help. */
export type Key = Run | { run: Run; word: string };
export type Keys = Record<string, Key>;

/** The latest come first. */
let all: Keys[] = [];
let before = '';
let forget: ReturnType<typeof setTimeout> | undefined;

/** Adds keys until the function that is given back is called: `$effect(() => keys({ j: next }))`. */
export function keys(added: Keys): () => void {
  all = [added, ...all];
  return () => {
    all = all.filter((it) => it !== added);
  };
}

/** Keys of the help, those of the view first. */
export function keysOfHelp(): [string, string][] {
  const named = all.flatMap((it) => Object.entries(it));
  return named.flatMap(([key, it]) => (typeof it === 'function' ? [] : [[key, it.word]]));
}

/** How long a sequence may take. */
const SEQUENCE_MS = 1_200;

export function press(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
  const name = event.key === ' ' ? 'Space' : event.key;
  const key = find(before ? `${before} ${name}` : name) ?? find(name);
  clearTimeout(forget);
  if (key) {
    before = '';
    // Keys that buttons and links have stay theirs.
    if ((name === 'Enter' || name === 'Space') && isControl(event.target)) return;
    event.preventDefault();
    (typeof key === 'function' ? key : key.run)(event);
    return;
  }
  before = begins(name) ? name : '';
  forget = setTimeout(() => (before = ''), SEQUENCE_MS);
}

function find(name: string): Key | undefined {
  return all.find((it) => name in it)?.[name];
}

function begins(name: string): boolean {
  return all.some((it) => Object.keys(it).some((key) => key.startsWith(`${name} `)));
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button'].includes(target.type);
  return target.isContentEditable || target.matches('textarea, select');
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('a, button, summary, input') !== null;
}
