// What makes the pages better: the live timeline, the counter of characters, and times that stay true. Everything works without it.

const body = document.body;
const announcer = document.getElementById('announcer');

// The server has encoded what it sends; this says so to the browser's guard against injected markup (Trusted Types).
const trusted = window.trustedTypes?.createPolicy('twite', { createHTML: (html) => html });

// ---- characters left -------------------------------------------------------------------------------------------------

const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

function countCharacters(text) {
  const normal = text.normalize('NFC');
  if (!segmenter) return [...normal].length;
  let count = 0;
  for (const _ of segmenter.segment(normal)) count++;
  return count;
}

for (const field of document.querySelectorAll('textarea[data-limit]')) {
  const counter = document.getElementById(field.getAttribute('aria-describedby').split(' ')[0]);
  const button = field.form.querySelector('button[type=submit]');
  const limit = Number(field.dataset.limit);
  const update = () => {
    const left = limit - countCharacters(field.value.trim());
    counter.textContent = left >= 0 ? `${left} left` : `${-left} too many`;
    counter.classList.toggle('low', left <= 20 && left >= 0);
    counter.classList.toggle('over', left < 0);
    button.disabled = left < 0;
  };
  // A screen reader hears it only when it gets close.
  field.addEventListener('input', () => {
    update();
    counter.setAttribute('aria-live', counter.classList.contains('low') || counter.classList.contains('over') ? 'polite' : 'off');
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !button.disabled) field.form.requestSubmit();
  });
  update();
  if (field.autofocus) field.setSelectionRange(field.value.length, field.value.length);
}

// ---- times -------------------------------------------------------------------------------------------------------------

const inFull = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });

function describeAge(at) {
  const seconds = (Date.now() - at) / 1000;
  if (seconds < 60) return 'now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  if (seconds < 7 * 86400) return `${Math.floor(seconds / 86400)} d`;
  return null;
}

function refreshTimes() {
  for (const time of document.querySelectorAll('main time[title], main time[data-full]')) {
    const at = Date.parse(time.dateTime);
    if ('full' in time.dataset) {
      time.textContent = inFull.format(at);
      continue;
    }
    time.title = inFull.format(at);
    time.textContent = describeAge(at) ?? time.textContent;
  }
}

refreshTimes();
setInterval(refreshTimes, 30_000);

// ---- the live timeline -------------------------------------------------------------------------------------------------

function isOlder(id, other) {
  return id.length === other.length ? id < other : id.length < other.length;
}

function insert(timeline, html) {
  const template = document.createElement('template');
  template.innerHTML = trusted ? trusted.createHTML(html) : html;
  const message = template.content.querySelector('.message');
  if (!message || document.getElementById(message.id)) return;
  const own = message.dataset.author === body.dataset.viewer;
  for (const link of message.querySelectorAll('.own')) {
    if (own) link.hidden = false;
    else link.remove();
  }
  message.classList.add('arrived');
  const next = [...timeline.children].find((other) => isOlder(other.dataset.id, message.dataset.id));
  timeline.insertBefore(message, next ?? null);
  document.querySelector('main > .empty')?.remove();
  refreshTimes();
  if (!own) announcer.textContent = `New: ${message.querySelector('.display-name').textContent}`;
}

function follow(timeline) {
  const firstRetry = 2_000;
  const lastRetry = 60_000;
  let since = timeline.dataset.since;
  let retry = firstRetry;
  let source = null;
  let timer = null;

  const take = (handle) => (event) => {
    if (event.lastEventId) since = event.lastEventId;
    retry = firstRetry;
    handle(event.data);
  };

  const open = () => {
    clearTimeout(timer);
    if (source || document.hidden) return;
    source = new EventSource(`${timeline.dataset.stream}?since_id=${since}`);
    source.addEventListener('posted', take((html) => insert(timeline, html)));
    source.addEventListener('deleted', take((id) => document.getElementById(`m${id}`)?.remove()));
    source.addEventListener('notified', take(() => showUnread(Number(unread.dataset.count) + 1)));
    // More was missed than a stream carries; the page as it is now has the newest. What somebody is writing is not taken from them.
    source.addEventListener('skipped', take(() => {
      if ([...document.querySelectorAll('textarea')].every((field) => field.value === field.defaultValue)) location.reload();
    }));
    source.addEventListener('open', () => { timeline.dataset.live = 'true'; });
    source.addEventListener('error', () => {
      delete timeline.dataset.live;
      // The browser reconnects by itself, except after an answer that says no (too many streams, a service away).
      if (source?.readyState === EventSource.CLOSED) {
        source = null;
        timer = setTimeout(open, retry * (0.5 + Math.random()));
        retry = Math.min(retry * 2, lastRetry);
      }
    });
  };

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
    delete timeline.dataset.live;
  };

  // A browser holds only a few connections to a site: a page that nobody sees gives its own back, and reads what it missed later.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', open);
  open();
}

const unread = document.getElementById('unread');

function showUnread(count) {
  if (!unread) return;
  unread.dataset.count = count;
  unread.textContent = count > 99 ? '99+' : count;
  for (const part of [unread, unread.nextElementSibling]) part.hidden = count === 0;
}

for (const timeline of document.querySelectorAll('.timeline[data-stream]')) follow(timeline);

// ---- notifications: seen is read -----------------------------------------------------------------------------------------

const markRead = document.querySelector('form[data-mark-read]');
if (markRead) {
  setTimeout(async () => {
    if (document.hidden) return;
    const response = await fetch(markRead.action, { method: 'POST', body: new URLSearchParams(new FormData(markRead)), redirect: 'manual' });
    if (response.type === 'opaqueredirect') {
      markRead.remove();
      showUnread(0);
    }
  }, 2_000);
}

// ---- one click is enough -------------------------------------------------------------------------------------------------

for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'true';
    // A submission that the visitor has stopped says so to nobody.
    setTimeout(() => { delete form.dataset.sent; }, 5_000);
  });
}
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
