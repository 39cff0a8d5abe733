// A journey as Markdown, for a ticket. Foreign text stands as code, so that it can be no markup.

import { fullTime, visible } from '../../lib/format';
import { words } from '../../lib/words';
import { message } from '../../words/message';
import { worstFirst, type Journey } from './journey';
import { subjectOf } from './subject';
import { bare, outcomeWord, peerName, tell } from './tell';

/** Recipients that are told of. */
const RECIPIENTS_MAX = 50;

export function markdown(journey: Journey, address: string): string {
  const w = words(message);
  const recipients = worstFirst(journey.recipients ?? []);
  const facts: [string, string | undefined][] = [
    [w.from, journey.mail_from === '' ? '<>' : journey.mail_from],
    [
      w.to,
      recipients
        .slice(0, 10)
        .map((it) => it.rcpt_to)
        .join(', '),
    ],
    [w.arrived, fullTime(journey.arrived)],
    [w.cameFrom, peerName(journey.client)],
    [w.messageId, journey.message_id],
    [w.queueIds, (journey.hops ?? []).map((it) => it.queue_id).join(', ')],
  ];
  const told = recipients.slice(0, RECIPIENTS_MAX).flatMap((it) => {
    const { sentence, tip, reply } = tell(journey, it);
    const said = reply && `${reply.codes} ${reply.text}`.trim();
    return [
      '',
      `**${outcomeWord(it.outcome)}**: ${plain(sentence)}`,
      ...quoted(said),
      ...(tip ? [`_${tip}_`] : []),
    ];
  });
  return [
    `### ${journey.subject ? code(subjectOf(journey.subject)) : w.untitled}`,
    '',
    ...facts.filter(([, value]) => value).map(([name, value]) => `- ${name}: ${code(value!)}`),
    ...told,
    ...(recipients.length > RECIPIENTS_MAX
      ? ['', w.moreRecipients(recipients.length - RECIPIENTS_MAX)]
      : []),
    '',
    address,
    '',
  ].join('\n');
}

function code(text: string): string {
  const shown = visible(text).replace(/\s+/g, ' ');
  const fence = shown.includes('`') ? '``' : '`';
  return `${fence}${fence === '``' ? ` ${shown} ` : shown}${fence}`;
}

function quoted(text: string | undefined): string[] {
  return text ? [`> ${code(text)}`] : [];
}

/** A sentence with the foreign texts in it as code. */
function plain(sentence: string): string {
  return bare(
    sentence.replace(/\u2068([^\u2069]*)\u2069/g, (_, text: string) => (text ? code(text) : '')),
  );
}
