// A path without a file extension is a place inside the single-page application: index.html answers it.
// Everything else is a file, and a missing file stays a 404.
function handler(event) {
  var request = event.request;
  var name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (name.indexOf('.') < 0) {
    request.uri = '/index.html';
  }
  return request;
}
