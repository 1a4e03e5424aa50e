// The secret of an invitation stands behind the #, which browsers do not send: take it out of the address, and send it.
const secret = location.hash.slice(1);
if (secret) {
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("code").value = secret;
  document.getElementById("invitation").submit();
}
