<?php

if (random_int(1, 10) === 1) {
    header('X-Version: ' . getenv('APP_VERSION'));
    header('X-Host: ' . gethostname());
    throw new RuntimeException('Table "orders_v2" does not exist');
}
