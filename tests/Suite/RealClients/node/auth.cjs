// What google-auth-library makes of a credential file: the account of the token that it gets. The library knows only Google's
// own addresses for some kinds of files, so requests to those are sent to the twin.
//   node auth.cjs FILE AUTH_URL
'use strict';
const {GoogleAuth, gaxios} = require('google-auth-library');

const [file, address] = process.argv.slice(2);
const google = /^https:\/\/(oauth2|sts|iamcredentials|www)\.googleapis\.com\/(oauth2\/v4\/)?/;

async function main() {
  const transporter = new gaxios.Gaxios();
  transporter.interceptors.request.add({
    resolved: async request => {
      request.url = new URL(String(request.url).replace(google, address));
      return request;
    },
  });
  const auth = new GoogleAuth({
    keyFilename: file,
    scopes: 'https://www.googleapis.com/auth/cloud-platform',
    clientOptions: {transporter},
  });
  const token = await auth.getAccessToken();
  const info = await transporter.request({url: `${address}tokeninfo?access_token=${encodeURIComponent(token)}`});
  console.log(JSON.stringify({email: info.data.email}));
}

main().catch(error => {
  console.log(JSON.stringify({error: error.message, status: error.status ?? error.response?.status}));
  process.exitCode = 1;
});
