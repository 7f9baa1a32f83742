<?php
declare(strict_types=1);

final class View
{
    public function __construct(private readonly string $folder)
    {
    }

    /** @param array<string, mixed> $values */
    public function render(string $name, array $values): string
    {
        extract($values);
        ob_start();
        require "{$this->folder}/$name.php";
        return (string) ob_get_clean();
    }
}
