// The way into every npm command:  node app/setup/bootstrap.mjs FILE.ts ARGUMENTS...
// Looks at the Node that runs it, in words that even an old Node understands; the work is in launch.mjs.
var oldest = 18;
var found = process.versions.node;

if (parseInt(found, 10) < oldest) {
  // The sentence of setup-node-too-old in app/errors.ts, which an old Node cannot read.
  console.error(
    'setup-node-too-old: This is Node ' +
      found +
      '; Parley needs Node 18 or later to start.\n' +
      '  Install Node 18 or later (Debian and Ubuntu: apt install nodejs npm) and run the command again.',
  );
  process.exitCode = 1;
} else {
  import('./launch.mjs').then(function (launch) {
    return launch.launch(process.argv.slice(2));
  });
}
