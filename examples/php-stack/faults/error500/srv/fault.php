<?php

header('X-Version: ' . getenv('APP_VERSION'));
header('X-Host: ' . gethostname());
throw new RuntimeException('Configuration "payments.api_key" is missing');
