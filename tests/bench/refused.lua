-- Shows the first answer that is no success.

local shown = false

function response(status, _, body)
   if status >= 300 and not shown then
      shown = true
      io.stderr:write(status, "\n", body, "\n")
   end
end
