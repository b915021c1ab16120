<?php

declare(strict_types=1);

// The page of the example: who answered, in which version, and how often this visitor has been here.

const LONGEST_SLEEP_MS = 20000;

$version = getenv('APP_VERSION') ?: 'dev';
$host = gethostname();
header("X-Version: $version");
header("X-Host: $host");

if (!session_start()) {
    http_response_code(503);
    header('Retry-After: 1');
    exit("The session is not available, please try again.\n");
}
$count = $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
header("X-Session-Count: $count");
// Releases the session's lock: what follows may be slow, and the visitor's next request need not wait for it.
session_write_close();

if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) === '/slow') {
    $ms = (int) ($_GET['ms'] ?? 1000);
    usleep(1000 * max(0, min($ms, LONGEST_SLEEP_MS)));
}
?>
<!doctype html>
<html lang="en">
<title>Example site</title>
<h1>Version <?= htmlspecialchars($version) ?></h1>
<p>Served by <?= htmlspecialchars($host) ?>. This is your visit number <?= $count ?>.</p>
</html>
