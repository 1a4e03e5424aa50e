// Sets pins by clicking and by arrow keys; what counts are the two figures of each place, as without this script.

const sight = document.getElementById("pins")
const board = sight?.querySelector("svg")
const rows = [...document.querySelectorAll("[data-place]")]
const said = document.getElementById("pins-said")
const NUDGES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const SVG = "http://www.w3.org/2000/svg"

const fields = (row) => ["x", "y"].map((axis) => row.querySelector(`[name="${axis}.${row.dataset.place}"]`))
const chosen = () => rows.find((row) => row.querySelector("[name=at]").checked)
const pinOf = (place) => [...board.querySelectorAll("[data-pin]")].find((pin) => pin.dataset.pin === place)

// The two figures of a row, or null where they are no spot.
function spot(row) {
  const written = fields(row).map((field) => field.value.trim().replace(",", "."))
  const figures = written.map(Number)
  const good = written.every((one) => one !== "") && figures.every((one) => one >= 0 && one <= 100)
  return good ? figures : null
}

function newPin(row) {
  const pin = document.createElementNS(SVG, "g")
  pin.setAttribute("class", "mark")
  pin.dataset.pin = row.dataset.place
  const title = pin.appendChild(document.createElementNS(SVG, "title"))
  title.textContent = row.querySelector("label").textContent.trim()
  const body = pin.appendChild(document.createElementNS(SVG, "g"))
  body.setAttribute("class", "body")
  for (const [name, radius] of [["ring", 26], ["dot", 11]]) {
    const circle = body.appendChild(document.createElementNS(SVG, "circle"))
    circle.setAttribute("class", name)
    circle.setAttribute("r", radius)
  }
  return board.appendChild(pin)
}

function draw(row) {
  const at = spot(row)
  const pin = pinOf(row.dataset.place)
  if (!at) return pin?.remove()
  const { width, height } = board.viewBox.baseVal
  const shown = pin ?? newPin(row)
  shown.setAttribute("transform", `translate(${(at[0] * width) / 100} ${(at[1] * height) / 100})`)
}

function choose(row) {
  row.querySelector("[name=at]").checked = true
  for (const pin of board.querySelectorAll("[data-pin]")) {
    pin.classList.toggle("chosen", pin.dataset.pin === row.dataset.place)
  }
}

function tell(row, figures = []) {
  choose(row)
  said.textContent = [row.querySelector("label").textContent.trim(), figures.join(" / ")].filter(Boolean).join(": ")
}

function put(row, x, y) {
  const figures = [x, y].map((one) => Math.round(Math.min(100, Math.max(0, one)) * 10) / 10)
  fields(row).forEach((field, at) => {
    field.value = figures[at]
  })
  draw(row)
  tell(row, figures)
}

function click(event) {
  const pin = event.target.closest("[data-pin]")
  const row = pin && rows.find((one) => one.dataset.place === pin.dataset.pin)
  if (row && row !== chosen()) return choose(row)
  const to = chosen()
  if (!to) return
  const box = board.getBoundingClientRect()
  put(to, (100 * (event.clientX - box.x)) / box.width, (100 * (event.clientY - box.y)) / box.height)
}

function next() {
  const at = rows.indexOf(chosen())
  return [...rows.slice(at + 1), ...rows.slice(0, at)].find((row) => !spot(row))
}

function key(event) {
  if (event.key === "Enter" && event.target === sight) {
    event.preventDefault()
    const row = next()
    if (row) tell(row)
    return
  }
  const nudge = NUDGES[event.key]
  const row = chosen()
  if (!nudge || !row || event.target !== sight || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  const far = event.shiftKey ? 5 : 0.5
  const [x, y] = spot(row) ?? [50, 50]
  put(row, x + far * nudge[0], y + far * nudge[1])
}

if (board && rows.length) {
  sight.classList.add("setting")
  for (const row of rows) {
    row.querySelector("[name=at]").hidden = false
    row.addEventListener("input", () => draw(row))
    row.addEventListener("change", () => choose(row))
    draw(row)
  }
  choose(rows.find((row) => !spot(row)) ?? rows[0])
  board.addEventListener("click", click)
  sight.addEventListener("keydown", key)
}
