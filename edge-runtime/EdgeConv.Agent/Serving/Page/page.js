'use strict';

const STATE_EVERY = 300, PATIENCE = 8000, STRIP_SECONDS = 120;
const byId = id => document.getElementById(id);
const pause = ms => new Promise(done => setTimeout(done, ms));
const percent = value => (100 * value).toFixed(value >= 0.9995 || value < 0.0005 ? 0 : 1) + '%';

// A hidden tab asks for nothing: then nothing is encoded or timed for it.
async function whileShown() {
  while (document.hidden) {
    await new Promise(done => document.addEventListener('visibilitychange', done, { once: true }));
  }
}

function text(id, value) {
  const element = byId(id);
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

function make(tag, className, content) {
  const element = document.createElement(tag);
  element.className = className ?? '';
  element.textContent = content ?? '';
  return element;
}

// As many children as there are values; made once, then changed.
function each(list, values, create, update) {
  while (list.children.length > values.length) {
    list.lastElementChild.remove();
  }
  values.forEach((value, i) => {
    const child = list.children[i] ?? list.appendChild(create());
    update(child, value, i);
  });
}

function row() {
  const item = make('li', 'row');
  const bar = make('div', 'bar');
  bar.append(make('i'));
  item.append(make('span', 'name'), make('span', 'value'), bar);
  return item;
}

function fill(item, name, value, part, isBest) {
  item.classList.toggle('best', isBest);
  item.children[0].textContent = name;
  item.children[0].title = name;
  item.children[1].textContent = value;
  item.children[2].firstElementChild.style.transform = `scaleX(${Math.max(0, Math.min(1, part))})`;
}

function duration(seconds) {
  const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const at = Math.max(0, units.findIndex(([size]) => seconds >= size));
  const [size, name] = seconds < 1 ? [1, 's'] : units[at];
  const next = units[at + 1];
  const rest = next && size > 1 ? Math.floor(seconds % size / next[0]) : 0;
  return `${Math.floor(seconds / size)} ${name}` + (rest > 0 && size > 60 ? ` ${rest} ${next[1]}` : '');
}

// The same class has the same colour, on every board and every day.
function colour(name) {
  let hash = 0;
  for (const letter of name) {
    hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  }
  return `hsl(${(hash * 137.508) % 360} 65% 68%)`;
}

function showHistory(history) {
  const strip = byId('strip');
  const bands = history
    .map((change, i) => ({ ...change, until: history[i + 1]?.ago ?? 0 }))
    .filter(change => change.until < STRIP_SECONDS && change.class !== 'unknown');
  each(strip, bands, () => make('i'), (band, change) => {
    const from = Math.min(change.ago, STRIP_SECONDS);
    band.style.left = `${100 - 100 * from / STRIP_SECONDS}%`;
    band.style.width = `${100 * (from - change.until) / STRIP_SECONDS}%`;
    band.style.background = colour(change.class);
    band.textContent = from - change.until > 4 ? change.class : '';
    band.title = change.class;
  });
  const last = history.slice(-30).reverse();
  each(byId('history'), last, () => {
    const item = make('li');
    item.append(make('span', 'soft'), make('span'), make('span', 'soft'));
    return item;
  }, (item, change) => {
    item.children[0].textContent = `${duration(change.ago)} ago`;
    item.children[1].textContent = change.class;
    item.children[2].textContent = change.class === 'unknown' ? '' : percent(change.confidence);
  });
}

function showLayers(layers) {
  if (layers.length === 0) {
    return;
  }
  const total = layers.reduce((sum, layer) => sum + layer.microseconds, 0);
  const most = Math.max(...layers.map(layer => layer.microseconds), 1e-9);
  const unit = most >= 1000 ? [1000, 'ms'] : [1, 'µs'];
  const number = value => (value / unit[0]).toFixed(value / unit[0] >= 100 ? 0 : 1);
  text('total', `${number(total)} ${unit[1]}`);
  const list = byId('layers');
  if (!list.firstElementChild?.classList.contains('row')) {
    list.replaceChildren();
  }
  each(list, layers, row, (item, layer) =>
    fill(item, layer.name, number(layer.microseconds), layer.microseconds / most, layer.microseconds === most));
}

let knownLabels = '';

function showLabels(labels) {
  if (labels.join('\n') === knownLabels) {
    return;
  }
  knownLabels = labels.join('\n');
  byId('labels').replaceChildren(...labels.map(label => Object.assign(document.createElement('option'), { value: label })));
  byId('chips').replaceChildren(...labels.slice(0, 40).map(label => {
    const chip = make('button', '', label);
    chip.type = 'button';
    chip.addEventListener('click', () => save(label));
    return chip;
  }));
}

function showHealth(word, isGood) {
  text('health', word);
  byId('health').className = `pill ${isGood === undefined ? '' : isGood ? 'good' : 'bad'}`;
}

function showTemperature(state) {
  byId('temperature').parentElement.hidden = state.temperature === undefined;
  text('temperature', state.temperature === undefined ? '' : `${state.temperature.toFixed(1)} °C`);
  const words = state.throttling ?? [];
  text('throttling', words.length > 0 ? words.join(', ') : 'CPU temperature');
  byId('temperature').parentElement.classList.toggle('hot', words.some(word => word.endsWith('now')));
}

function show(state) {
  showHealth(state.illness ?? 'live', state.illness === null);
  text('model', state.model?.name ?? 'EdgeConv');
  document.title = `${state.class} · ${state.model?.name ?? 'EdgeConv'}`;
  byId('refusal').hidden = state.refusal === null;
  text('refusal', state.refusal === null ? '' : `The new model file was not taken, the old one goes on: ${state.refusal}`);
  text('class', state.class);
  byId('class').classList.toggle('unknown', !state.known);
  text('confidence', state.known ? percent(state.confidence) : '');
  each(byId('classes'), state.classes, row, (item, entry) =>
    fill(item, entry.name, percent(entry.confidence), entry.confidence, state.known && entry.name === state.class));
  text('rate', state.rate > 0 ? state.rate.toFixed(1) : '–');
  text('milliseconds', state.frames > 0 ? state.milliseconds.toFixed(state.milliseconds < 10 ? 2 : 1) : '–');
  text('uptime', duration(state.uptime));
  text('frames', state.frames.toLocaleString('en'));
  text('camera', state.camera);
  text('size', state.picture);
  text('path', state.model ? `${Math.round(state.model.bytes / 1024)} KB · ${state.model.path} kernels`
    + (state.model.swaps > 0 ? ` · replaced ${state.model.swaps} times` : '') : '');
  byId('picture').classList.toggle('small', parseInt(state.picture) < 200);
  showTemperature(state);
  showHistory(state.history);
  showLayers(state.layers);
  showLabels(state.labels ?? []);
}

async function states() {
  while (true) {
    await whileShown();
    try {
      const answer = await fetch('state', { signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status === 401) {
        showHealth('the token is needed: open the address that the agent printed', false);
        return;
      }
      show(await answer.json());
    } catch {
      showHealth('no connection', false);
      await pause(1000);
    }
    await pause(STATE_EVERY);
  }
}

async function pictures() {
  const image = byId('picture'), stage = image.parentElement, nothing = byId('nothing');
  let after = 0, shown = '';
  while (true) {
    await whileShown();
    try {
      const answer = await fetch(`frame.jpg?after=${after}`, { signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      after = Number(answer.headers.get('X-Frame'));
      const next = URL.createObjectURL(await answer.blob());
      image.src = next;
      await image.decode();
      URL.revokeObjectURL(shown);
      shown = next;
      image.dataset.number = after;
      image.hidden = false;
      nothing.hidden = true;
      stage.classList.remove('stale');
    } catch {
      nothing.textContent = 'No picture from the camera';
      nothing.hidden = false;
      stage.classList.add('stale');
      after = 0;
      await pause(1000);
    }
  }
}

async function save(label) {
  const saved = byId('saved'), button = document.querySelector('form button');
  button.disabled = true;
  try {
    const answer = await fetch(`frames?label=${encodeURIComponent(label)}`, {
      method: 'POST', headers: { 'X-EdgeConv': '1' }, signal: AbortSignal.timeout(PATIENCE),
    });
    const words = (await answer.text()).trim();
    saved.textContent = answer.ok ? `Saved ${words}` : words;
    saved.classList.toggle('bad', !answer.ok);
  } catch {
    saved.textContent = 'Not saved: no connection.';
    saved.classList.add('bad');
  }
  button.disabled = false;
}

byId('save').addEventListener('submit', event => {
  event.preventDefault();
  save(byId('label').value.trim());
});
states();
pictures();
