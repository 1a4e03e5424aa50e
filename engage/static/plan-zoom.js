// Keeps the middle of a plan in the middle while its size is changed, and brings a chosen place into view.

for (const plan of document.querySelectorAll(".plan")) {
  const sight = plan.querySelector(".sight")
  if (!sight) continue
  let middle = [0.5, 0.5]

  const look = () => {
    middle = [
      (sight.scrollLeft + sight.clientWidth / 2) / sight.scrollWidth,
      (sight.scrollTop + sight.clientHeight / 2) / sight.scrollHeight,
    ]
  }

  const go = ([x, y]) => {
    sight.scrollLeft = x * sight.scrollWidth - sight.clientWidth / 2
    sight.scrollTop = y * sight.scrollHeight - sight.clientHeight / 2
  }

  sight.addEventListener("scroll", look, { passive: true })
  plan.addEventListener("change", (event) => {
    if (event.target.name !== "zoom") return
    const before = middle
    requestAnimationFrame(() => go(before))
  })

  const chosen = sight.querySelector(".pin.chosen")
  if (chosen) {
    const [board, pin] = [sight.querySelector("svg"), chosen].map((one) => one.getBoundingClientRect())
    go([(pin.x + pin.width / 2 - board.x) / board.width, (pin.y + pin.height / 2 - board.y) / board.height])
  }
}
