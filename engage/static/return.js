// A scanned access code arrives behind the #, which browsers do not send: put it into the field and out of the address.
const code = location.hash.slice(1);
if (code) {
  document.getElementById("access_code").value = decodeURIComponent(code);
  history.replaceState(null, "", location.pathname + location.search);
}
